public import ArgumentParser
public import Audit
import GatehouseApp

/// `gatehouse audit top`.
struct AuditTopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Count decisions by rule, tenant, client, conversation, route or model, the most frequent first."
    )

    @Option(help: "rule, tenant, client, conversation, route, model, dialect, direction or policy.")
    var by = TopKey.rule
    @Option(help: "At most so many lines.")
    var limit = 20
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup(title: "Filters") var filter: AuditFilterOptions
    @OptionGroup var store: AuditCommand.Store

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit \(limit): expected a number above 0") }
    }

    func run() async throws {
        try await reporting {
            let filter = try await filter.filter(in: store)
            let top = try await store.open().top(by, filter, limit: limit)
            print(format == .json ? try TopChart.json(top) : TopChart.render(top), terminator: "")
        }
    }
}

extension TopKey: ExpressibleByArgument {}
