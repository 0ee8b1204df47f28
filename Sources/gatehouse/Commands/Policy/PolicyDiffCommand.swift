import ArgumentParser
import GatehouseApp
import PolicyFiles

/// `gatehouse policy diff`.
struct PolicyDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Tell in words how two policies differ in effect.",
        discussion: """
            Titles, tests, comments and names are no difference. Ends with exit code 0 when the policies decide alike, 1 when they \
            differ, 78 when one of them can't be used.
            """
    )

    @Argument(help: "Policy file or folder.")
    var before: String
    @Argument(help: "Policy file or folder to compare it with.")
    var after: String
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
        let reports = [before, after].map { Judge.report(policyPath: $0) }
        let policies = reports.compactMap(\.policy)
        guard policies.count == 2 else {
            for report in reports where !report.isValid { printError(report.text) }
            throw ExitCode(78)
        }
        let diff = PolicyDiff(from: policies[0], to: policies[1])
        print(format == .json ? try JSONOutput.string(diff) : diff.text, terminator: "")
        if !diff.isEqual { throw ExitCode(1) }
    }
}
