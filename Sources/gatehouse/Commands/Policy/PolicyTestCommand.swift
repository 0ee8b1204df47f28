import ArgumentParser
import GatehouseApp
import PolicyFiles

/// `gatehouse policy test`.
struct PolicyTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the tests that the rules carry, with the real judge.",
        discussion: "Ends with exit code 1 when a test fails, 78 when the policy can't be used."
    )

    @Argument(help: "Policy file or folder.")
    var path: String?
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup(title: "Judging") var judge: JudgeOptions
    @OptionGroup(title: "Settings") var file: SettingsFileOption

    func run() async throws {
        let settings = try file.settings(flags: judge.flags + [(.policies, path ?? judge.policies)])
        let report: PolicyTestReport
        do {
            report = try await Judge.testPolicy(settings)
        } catch {
            return try reportingUnusable { throw error }
        }
        print(format == .json ? try JSONOutput.string(report) : report.text, terminator: "")
        if !report.isSuccess { throw ExitCode(1) }
    }
}
