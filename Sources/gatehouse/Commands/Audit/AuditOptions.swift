public import ArgumentParser
import Audit
import GatehouseApp

extension AuditCommand {
    /// Which store.
    struct Store: ParsableArguments {
        @Option(help: "Audit store. Default: gatehouse-audit.sqlite, or what the settings say.")
        var auditFile: String?
        @Option(help: "Audit store in PostgreSQL: a connection string. Default: what the settings say.")
        var auditDatabase: String?
        @Option(
            name: .customLong("audit-encryption-key"),
            help:
                "File with the keys of encrypted texts, or env:VARIABLE; an empty value means none. Default: what the settings say."
        )
        var encryptionKey: String?
        @OptionGroup var settings: SettingsFileOption

        func open() throws -> AuditQueries { try AuditQueries(settings: read(), isColoured: isTerminal) }

        /// Opens the store for labels.
        func labels() throws -> any AuditLabels { try read().audit.labels() }

        /// The settings, with what other flags say.
        func read(_ flags: [(SettingsKey, String?)] = []) throws -> Settings {
            try settings.settings(
                flags: [
                    (.auditFile, auditFile), (.auditDatabase, auditDatabase), (.auditEncryptionKey, encryptionKey),
                ] + flags
            )
        }
    }

    /// Which store, and who signs what is done to it.
    struct SigningStore: ParsableArguments {
        @Option(name: .customLong("audit-signing-key"), help: "File with the key. Default: what the settings say.")
        var signingKey: String?
        @OptionGroup var store: Store

        /// The settings, with what the flags say.
        func read() throws -> Settings { try store.read([(.auditSigningKey, signingKey)]) }
    }
}

/// Which records.
struct AuditFilterOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A saved query, after an @; filters that are given hold besides, or instead of its own of the same name.",
            valueName: "@query"
        )
    )
    var query: String?
    @Option(help: help(.since)) var since: String?
    @Option(help: help(.until)) var until: String?
    @Option(help: help(.outcome)) var outcome: [String] = []
    @Option(help: help(.rule)) var rule: String?
    @Option(help: help(.score, valueName: "condition")) var score: [String] = []
    @Option(help: help(.direction)) var direction: String?
    @Option(help: help(.route)) var route: String?
    @Option(help: help(.tenant)) var tenant: String?
    @Option(help: help(.client)) var client: String?
    @Option(help: help(.model)) var model: String?
    @Option(help: help(.revision)) var revision: String?
    @Option(help: help(.id)) var id: String?
    @Option(help: help(.request)) var request: String?
    @Option(help: help(.conversation)) var conversation: String?
    @Option(help: help(.text)) var text: String?
    @Option(help: help(.cause)) var cause: String?
    @Option(help: help(.failMode)) var failMode: String?
    @Flag(help: help(.unscanned)) var unscanned = false
    @Option(help: help(.label)) var label: String?

    func validate() throws {
        if let query, !query.hasPrefix("@") || query.count < 2 {
            throw ValidationError("'\(query)': expected a saved query after an @, as 'audit queries list' prints them")
        }
    }

    /// The flags that were given, unread.
    var flags: FilterWords {
        var words = FilterWords()
        words.since = since
        words.until = until
        words.outcomes = outcome
        words.rule = rule
        words.scores = score
        words.direction = direction
        words.route = route
        words.tenant = tenant
        words.client = client
        words.conversation = conversation
        words.model = model
        words.revision = revision
        words.id = id
        words.request = request
        words.text = text
        words.cause = cause
        words.failMode = failMode
        words.isUnscanned = unscanned
        words.label = label
        return words
    }

    /// The flags with those of the saved query.
    func words(in store: AuditCommand.Store) async throws -> FilterWords {
        guard let query else { return flags }
        let saved = try await AuditSavedQueries(settings: store.read()).query(String(query.dropFirst()))
        return try flags.completed(by: saved.words)
    }

    /// Which records.
    func filter(in store: AuditCommand.Store) async throws -> AuditFilter { try await words(in: store).filter() }
}

private func help(_ word: FilterWord, valueName: String? = nil) -> ArgumentHelp {
    ArgumentHelp(word.help, valueName: valueName)
}

/// Which page of a list, and how it is printed.
struct AuditPageOptions: ParsableArguments {
    @Option(help: "At most so many records.")
    var limit = 50
    @Option(help: ArgumentHelp("Go on after the page that ended with this number.", valueName: "cursor"))
    var after: String?
    @Option(help: "table, json (an array), jsonl (one record a line) or csv.")
    var format = ListFormat.table
    @Flag(help: "Print how the store looks for the records instead of the records.")
    var explain = false

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit \(limit): expected a number above 0") }
    }

    /// Prints a page of the records that pass a filter; where there are more, says on standard error how to go on.
    func print(_ filter: AuditFilter, from store: AuditCommand.Store) async throws {
        let cursor = try after.map { text in try AuditCursor(text) }
        let queries = try store.open()
        if explain {
            return Swift.print(try await queries.plan(filter, limit: limit, after: cursor), terminator: "")
        }
        let page = try await queries.list(filter, limit: limit, after: cursor)
        Swift.print(try format.render(page.entries, isColoured: isTerminal), terminator: "")
        if let next = page.next { printError("more: --after \(next)") }
    }
}

extension ListFormat: ExpressibleByArgument {}

/// Prints an error and ends with exit code 1.
func reporting(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as ExitCode {
        throw error
    } catch {
        printError("error: \(error)")
        throw ExitCode(1)
    }
}
