import ArgumentParser
import GatehouseApp

/// `gatehouse audit show`.
struct AuditShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything about one decision."
    )

    @Argument(help: "Decision id, or the beginning of one.")
    var id: String
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup var store: AuditCommand.Store

    func run() async throws {
        try await reporting { print(try await store.open().show(id, asJSON: format == .json), terminator: "") }
    }
}
