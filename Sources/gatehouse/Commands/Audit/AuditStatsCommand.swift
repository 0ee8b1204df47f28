import ArgumentParser
import GatehouseApp

/// `gatehouse audit stats`.
struct AuditStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Count decisions by outcome, rule and hour."
    )

    @OptionGroup(title: "Filters") var filter: AuditFilterOptions
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup var store: AuditCommand.Store

    func run() async throws {
        try await reporting {
            print(try await store.open().stats(filter.filter(), asJSON: format == .json), terminator: "")
        }
    }
}
