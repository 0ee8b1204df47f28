import ArgumentParser
import Foundation
import GatehouseApp

/// `gatehouse audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Ask what was blocked, and why.",
        subcommands: [List.self, Show.self, Stats.self, Verify.self, Checkpoint.self, Key.self, Erase.self, Acts.self]
    )

    /// Which store.
    struct Store: ParsableArguments {
        @Option(help: "Audit store. Default: gatehouse-audit.sqlite, or what the settings say.")
        var auditFile: String?
        @OptionGroup var settings: SettingsFileOption

        func open() throws -> AuditQueries { try AuditQueries(settings: read(), isColoured: isTerminal) }

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

    /// Which records.
    struct Filter: ParsableArguments {
        @Option(help: "Only records since: 24h, 30m, 7d, a date or a date-time.")
        var since: String?
        @Option(help: "Only records until: 24h, 30m, 7d, a date or a date-time.")
        var until: String?
        @Option(help: "Only this outcome: allow, flag, redact, block, or an ending such as upstream_timeout.")
        var outcome: String?
        @Option(help: "Only records in which this rule fired.")
        var rule: String?
        @Option(help: "Only this direction: prompt or response.")
        var direction: String?
        @Option(help: "Only records whose kept content contains these words.")
        var text: String?

        var query: AuditQueries.Filter {
            AuditQueries.Filter(
                since: since,
                until: until,
                outcome: outcome,
                rule: rule,
                direction: direction,
                text: text
            )
        }
    }

    /// `gatehouse audit list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List decisions, newest first.")

        @OptionGroup(title: "Filters") var filter: Filter
        @Option(help: "At most so many records.")
        var limit = 50
        @Option(help: "text (a table) or json (one record a line).")
        var format = OutputFormat.text
        @OptionGroup var store: Store

        func validate() throws {
            if limit < 1 { throw ValidationError("--limit \(limit): expected a number above 0") }
        }

        func run() async throws {
            try await reporting {
                print(
                    try await store.open().list(filter.query, limit: limit, asJSON: format == .json),
                    terminator: ""
                )
            }
        }
    }

    /// `gatehouse audit show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show everything about one decision.")

        @Argument(help: "Decision id, or the beginning of one.")
        var id: String
        @Option(help: "text or json.")
        var format = OutputFormat.text
        @OptionGroup var store: Store

        func run() async throws {
            try await reporting { print(try await store.open().show(id, asJSON: format == .json), terminator: "") }
        }
    }

    /// `gatehouse audit stats`.
    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Count decisions by outcome, rule and hour.")

        @OptionGroup(title: "Filters") var filter: Filter
        @Option(help: "text or json.")
        var format = OutputFormat.text
        @OptionGroup var store: Store

        func run() async throws {
            try await reporting {
                print(try await store.open().stats(filter.query, asJSON: format == .json), terminator: "")
            }
        }
    }
}

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
