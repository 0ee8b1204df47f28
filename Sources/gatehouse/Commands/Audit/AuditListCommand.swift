import ArgumentParser
import Audit
import GatehouseApp

/// `gatehouse audit list`.
struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List decisions, the last recorded first.",
        discussion: "Conditions compose: a record must meet all that are given."
    )

    @Option(
        help: ArgumentHelp(
            "Keep the filters under this name; 'audit list @NAME' and other commands use them.",
            valueName: "name"
        )
    )
    var save: String?
    @OptionGroup(title: "Filters") var filter: AuditFilterOptions
    @OptionGroup var page: AuditPageOptions
    @OptionGroup var store: AuditCommand.Store

    func run() async throws {
        try await reporting {
            let words = try await filter.words(in: store)
            if let save { try await AuditSavedQueries(settings: store.read()).save(words, as: save) }
            try await page.print(words.filter(), from: store)
        }
    }
}

/// `gatehouse audit search`.
struct AuditSearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "List decisions whose kept content contains some words.",
        discussion: "Words are found as they are written, anywhere in a text, without regard to case."
    )

    @Argument(help: "What to look for.")
    var words: String
    @OptionGroup(title: "Filters") var filter: AuditFilterOptions
    @OptionGroup var page: AuditPageOptions
    @OptionGroup var store: AuditCommand.Store

    func validate() throws {
        if words.isEmpty { throw ValidationError("there is nothing to look for; expected some words") }
        if filter.text != nil { throw ValidationError("--text: the words to look for are given already") }
    }

    func run() async throws {
        try await reporting {
            var filter = try await filter.filter(in: store)
            filter.text = words
            try await page.print(filter, from: store)
        }
    }
}
