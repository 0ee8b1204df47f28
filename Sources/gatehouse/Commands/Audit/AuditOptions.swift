public import ArgumentParser
import Audit
import GatehouseApp

extension AuditCommand {
    /// Which store.
    struct Store: ParsableArguments {
        @Option(help: "Audit store. Default: gatehouse-audit.sqlite, or what the settings say.")
        var auditFile: String?
        @OptionGroup var settings: SettingsFileOption

        func open() throws -> AuditQueries { try AuditQueries(settings: read(), isColoured: isTerminal) }

        /// Opens the store for labels.
        func labels() throws -> any AuditLabels { try read().audit.labels() }

        /// The settings, with what other flags say.
        func read(_ flags: [(SettingsKey, String?)] = []) throws -> Settings {
            try settings.settings(flags: [(.auditFile, auditFile)] + flags)
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
    @Option(help: "Only records since: 24h, 30m, 7d, a date or a date-time.")
    var since: String?
    @Option(help: "Only records until: 24h, 30m, 7d, a date or a date-time.")
    var until: String?
    @Option(
        help: """
            Only these outcomes: allow, flag, redact, block, or an ending such as upstream_timeout; several with commas.
            """
    )
    var outcome: [String] = []
    @Option(help: "Only records in which this rule fired.")
    var rule: String?
    @Option(
        help: ArgumentHelp(
            "Only records with such a score: 'hate-speech>0.6', also >=, <, <=, or 'hate-speech=0.4..0.6'.",
            valueName: "condition"
        )
    )
    var score: [String] = []
    @Option(help: "Only this direction: prompt or response.")
    var direction: String?
    @Option(help: "Only this route; * stands for any characters, here and in the next two.")
    var route: String?
    @Option(help: "Only this tenant.")
    var tenant: String?
    @Option(help: "Only this model of the chatbot, as the request named it.")
    var model: String?
    @Option(help: "Only decisions by the policy whose revision begins so.")
    var revision: String?
    @Option(help: "Only decisions whose id begins so.")
    var id: String?
    @Option(help: "Only this request: the prompt's decision and the response's.")
    var request: String?
    @Option(help: "Only records whose kept content contains these words.")
    var text: String?
    @Option(help: "Only this cause: none, content, guard_unavailable, overloaded or unscanned.")
    var cause: String?
    @Option(help: "Only records in which a detector failed and its rule let the text pass (open) or blocked (closed).")
    var failMode: String?
    @Flag(help: "Only records in which some field was not scanned.")
    var unscanned = false
    @Option(help: "Only decisions that were called right or wrong, or of which nobody said anything (none).")
    var label: String?

    func filter() throws -> AuditFilter {
        var words = FilterWords()
        words.since = since
        words.until = until
        words.outcomes = outcome
        words.rule = rule
        words.scores = score
        words.direction = direction
        words.route = route
        words.tenant = tenant
        words.model = model
        words.revision = revision
        words.id = id
        words.request = request
        words.text = text
        words.cause = cause
        words.failMode = failMode
        words.isUnscanned = unscanned
        words.label = label
        return try words.filter()
    }
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
