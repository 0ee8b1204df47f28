import ArgumentParser
import Foundation
import GatehouseApp
import PolicyFiles

/// `gatehouse policy backtest`.
struct PolicyBacktestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Decide recorded traffic again by another policy, and say what would change.",
        discussion: """
            Where only thresholds, actions, modes or scopes differ, recorded scores decide, without the model. Where a rule \
            is new or asks something else, kept texts are judged again; what can't be decided is counted with the reason. \
            Ends with exit code 1 when more would be newly blocked than --max-new-blocks allows, 78 when the policy can't be \
            used.
            """
    )

    @Argument(help: "Policy file or folder.")
    var path: String
    @Option(help: "Only records since: 24h, 30m, 7d, a date or a date-time.")
    var since: String?
    @Option(help: "Only records until: 24h, 30m, 7d, a date or a date-time.")
    var until: String?
    @Option(help: "Fail when more decisions than this would be blocked that were not.")
    var maxNewBlocks: Int?
    @Option(help: "Examples that are shown for each way to change.")
    var limitExamples = 3
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @Option(help: "Audit store. Default: gatehouse-audit.sqlite, or what the settings say.")
    var auditFile: String?
    @OptionGroup(title: "Judging") var judge: JudgeOptions
    @OptionGroup(title: "Settings") var file: SettingsFileOption

    func validate() throws {
        if limitExamples < 0 {
            throw ValidationError("--limit-examples \(limitExamples): expected a number that is not negative")
        }
        if let maxNewBlocks, maxNewBlocks < 0 {
            throw ValidationError("--max-new-blocks \(maxNewBlocks): expected a number that is not negative")
        }
    }

    func run() async throws {
        let settings = try file.settings(flags: judge.flags + [(.policies, path), (.auditFile, auditFile)])
        let run = try reportingUnusable { try BacktestRun(settings: settings, examples: limitExamples) }
        let report: BacktestReport
        do {
            let isShown = isatty(FileHandle.standardError.fileDescriptor) == 1
            report = try await run.run(since: since, until: until) { done, total in
                if isShown { Self.showProgress(done, of: total) }
            }
        } catch {
            printError("error: \(error)")
            throw ExitCode(1)
        }
        print(format == .json ? try JSONOutput.string(report) : report.text, terminator: "")
        guard let maxNewBlocks, report.changes.newlyBlocked > maxNewBlocks else { return }
        printError(
            "error: \(report.changes.newlyBlocked) decisions would be newly blocked; at most \(maxNewBlocks) may be"
        )
        throw ExitCode(1)
    }

    /// A bar on one line, which goes when it is full.
    private static func showProgress(_ done: Int, of total: Int) {
        guard done == total || done.isMultiple(of: 16) else { return }
        let width = 40
        let full = done * width / max(total, 1)
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
        let line = done == total ? "\r\u{1B}[K" : "\r\(bar) \(done) of \(total) texts"
        FileHandle.standardError.write(Data(line.utf8))
    }
}
