import ArgumentParser
import Foundation
import GatehouseApp
import PolicyFiles

/// `gatehouse policy test`.
struct PolicyTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the tests of a policy with the real judge.",
        discussion: """
            Runs the tests that the rules carry, each rule alone, and those of the whole policy in the *.yaml files of the folder \
            `tests` below the policy's. What was judged before, by the same program and model, is not judged again.

            Ends with exit code 0 when every test passes, 1 when one fails or could not run, 64 when --run fits none, 78 when the \
            policy or a test file can't be used.
            """
    )

    @Argument(help: "Policy file or folder. Default: policies/default.")
    var path: String?
    @Option(help: "A test file, or a folder of them, besides those below the policy; may be given several times.")
    var tests: [String] = []
    @Option(
        name: .customLong("run"),
        help: "Run only tests whose name has this: a rule's id and a number, or file, number and name; * fits anything."
    )
    var pattern: String?
    @Option(help: "Write the results as JUnit XML to this file too.")
    var junit: String?
    @Flag(help: "Judge every text anew, and keep no answers.")
    var noCache = false
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup(title: "Judging") var judge: JudgeOptions
    @OptionGroup(title: "Settings") var file: SettingsFileOption

    func run() async throws {
        let settings = try file.settings(flags: judge.flags + [(.policies, path ?? judge.policies)])
        let report: PolicyTestReport
        do {
            let testing = try PolicyTesting(settings: settings, files: tests)
            let problems = testing.files.diagnostics.map(\.text).joined(separator: "\n")
            if !problems.isEmpty { printError(problems) }
            if !testing.files.isValid { throw ExitCode(78) }
            report = try await testing.run(matching: pattern, usesCache: !noCache)
        } catch {
            return try reportingUnusable { throw error }
        }
        if let pattern, report.results.isEmpty { throw ValidationError("no test has '\(pattern)' in its name") }
        if let junit { try reportingUnusable { try Data(report.junit.utf8).write(to: URL(fileURLWithPath: junit)) } }
        print(format == .json ? try JSONOutput.string(report) : report.text, terminator: "")
        if !report.isSuccess { throw ExitCode(1) }
    }
}
