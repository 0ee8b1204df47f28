import ArgumentParser
import GatehouseApp

/// `gatehouse policy log`.
struct PolicyLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "List the policies that were in force and when, or print one with its files.",
        discussion: "Reads the audit store; no gateway need be running. Times are UTC."
    )

    @Argument(help: "A revision, or the beginning of one: prints its files as they were.")
    var revision: String?
    @Option(help: "At most so many events, newest first.")
    var limit = 50
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @Option(help: "Audit store. Default: gatehouse-audit.sqlite, or what the settings say.")
    var auditFile: String?
    @OptionGroup var settings: SettingsFileOption

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit \(limit): expected a number above 0") }
    }

    func run() async throws {
        let settings = try settings.settings(flags: [(.auditFile, auditFile)])
        do {
            let log = try PolicyLog(settings: settings)
            let text =
                if let revision {
                    try await log.policy(revision, asJSON: format == .json)
                } else {
                    try await log.events(limit: limit, asJSON: format == .json)
                }
            print(text, terminator: "")
        } catch {
            printError("error: \(error)")
            throw ExitCode(1)
        }
    }
}
