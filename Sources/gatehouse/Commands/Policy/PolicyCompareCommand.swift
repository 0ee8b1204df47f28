import ArgumentParser
import GatehouseApp

/// `gatehouse policy compare`.
struct PolicyCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Say what a policy that is tried would have done differently.",
        discussion: "Reads the audit store; no gateway need be running."
    )

    @Argument(help: "Revision of the tried policy, or the beginning of one. Default: the one that was tried last.")
    var revision: String?
    @Option(help: "Only records since: 24h, 30m, 7d, a date or a date-time.")
    var since: String?
    @Option(help: "Only records until: 24h, 30m, 7d, a date or a date-time.")
    var until: String?
    @Option(help: "Examples that are shown for each way to differ.")
    var limit = 3
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @Option(help: "Audit store. Default: gatehouse-audit.sqlite, or what the settings say.")
    var auditFile: String?
    @OptionGroup var file: SettingsFileOption

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit \(limit): expected a number that is not negative") }
    }

    func run() async throws {
        let settings = try file.settings(flags: [(.auditFile, auditFile)])
        do {
            let comparison = try await PolicyComparison(
                settings: settings,
                revision: revision,
                since: since,
                until: until,
                examples: limit
            )
            print(format == .json ? try JSONOutput.string(comparison) : comparison.text, terminator: "")
        } catch {
            printError("error: \(error)")
            throw ExitCode(1)
        }
    }
}
