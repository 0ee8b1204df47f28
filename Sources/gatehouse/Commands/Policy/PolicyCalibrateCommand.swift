import ArgumentParser
import Foundation
import GatehouseApp

/// `gatehouse policy calibrate`.
struct PolicyCalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Fit a rule's thresholds to a wanted rate of false positives.",
        discussion: """
            Asks the rule alone, without the screen, about labelled texts, and writes `thresholds` and `calibrated` into the \
            policy file; everything else in it stays as it is. Without --data and --harmless, the rule's own tests and \
            examples are taken: enough to begin with, not to trust.

            A row of data is JSON: {"text": "…", "violates": true}, or a row as `gatehouse eval` reads it. docs/calibration.md \
            says how the thresholds are chosen and measured.

            Ends with exit code 1 when the rule can't be calibrated, 78 when the policy can't be used; the file is then as \
            it was.
            """
    )

    @Argument(help: "Id of a rule with a principle or examples.")
    var rule: String
    @Option(
        name: .customLong("data"),
        parsing: .upToNextOption,
        help: "Files of labelled texts: JSON lines, plain or gzip."
    )
    var files: [String] = []
    @Option(
        name: .customLong("harmless"),
        parsing: .upToNextOption,
        help: "Files of texts that are all harmless, such as ordinary traffic; a row is {\"text\": \"…\"}."
    )
    var harmlessFiles: [String] = []
    @Option(
        help:
            "Which label of a row speaks of the rule, or `unsafe`. Default: the rule's id, with _ in the place of -."
    )
    var label: String?
    @Option(help: "At most so many rows of each file, from all over it.")
    var limit: Int?
    @Option(name: .customLong("target-fpr"), help: "Largest share of the harmless texts that may be blocked.")
    var targetRate = 0.01
    @Option(
        name: .customLong("target-flag-fpr"),
        help: "Largest share of the harmless texts that may be flagged or blocked."
    )
    var targetFlagRate = 0.05
    @Flag(help: "Only tell what would be written.")
    var dryRun = false
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup(title: "Judging") var judge: JudgeOptions
    @OptionGroup(title: "Settings") var file: SettingsFileOption

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit \(limit): expected a number above 0") }
        for (name, rate) in [("target-fpr", targetRate), ("target-flag-fpr", targetFlagRate)] {
            guard rate > 0, rate < 1 else {
                throw ValidationError("--\(name) \(rate): expected a share above 0 and below 1, such as 0.01")
            }
        }
        guard targetRate <= targetFlagRate else {
            throw ValidationError(
                "--target-fpr \(targetRate) is above --target-flag-fpr \(targetFlagRate): more is flagged than blocked"
            )
        }
    }

    func run() async throws {
        let settings = try file.settings(flags: judge.flags)
        var run = CalibrationRun(rule: rule)
        run.files = files
        run.harmlessFiles = harmlessFiles
        run.label = label
        run.limit = limit
        run.targetRate = targetRate
        run.targetFlagRate = targetFlagRate
        run.isDryRun = dryRun
        let report: CalibrationReport
        do {
            report = try await run.run(
                settings,
                showsProgress: isatty(FileHandle.standardError.fileDescriptor) == 1
            )
        } catch let error where CalibrationRun.isAboutTheRule(error) {
            printError("error: \(error)")
            throw ExitCode(1)
        } catch {
            return try reportingUnusable { throw error }
        }
        print(format == .json ? try JSONOutput.string(report) : report.text, terminator: "")
    }
}
