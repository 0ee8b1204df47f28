import ArgumentParser
import GatehouseApp
import PolicyFiles

/// `gatehouse policy validate`.
struct PolicyValidateCommand: ParsableCommand {
    /// How problems are printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
        case sarif
        case github
    }

    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Report every problem of a policy and its test files at once.",
        discussion: "Ends with exit code 78 when the policy can't be used, 0 otherwise (warnings included)."
    )

    @Argument(help: "Policy file or folder. Default: policies/default.")
    var path: String?
    @Option(help: "text, json, sarif (a log for code forges and editors) or github (annotations in workflow logs).")
    var format = Format.text

    func run() throws {
        let report = Judge.report(policyPath: path, includesTests: true)
        let output =
            switch format {
            case .text: report.text
            case .json: try JSONOutput.string(report)
            case .sarif: report.sarif(version: Gatehouse.configuration.version)
            case .github: report.githubCommands
            }
        print(output, terminator: "")
        if !report.isValid { throw ExitCode(78) }
    }
}
