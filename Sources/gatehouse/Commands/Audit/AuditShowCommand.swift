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
    @Flag(help: "Also ask the model which words weighed most: one judging for each word, or for a few of a long text.")
    var weights = false
    @Option(help: "For which rule of the model words are weighed; the one that decided without it.")
    var rule: String?
    @OptionGroup var store: AuditCommand.Store

    func run() async throws {
        try await reporting {
            let story = try await store.open()
                .show(id, asJSON: format == .json, weighs: weights || rule != nil, rule: rule)
            print(story, terminator: "")
        }
    }
}
