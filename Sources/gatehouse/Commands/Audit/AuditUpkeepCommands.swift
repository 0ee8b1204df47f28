public import ArgumentParser
public import Audit
import GatehouseApp

extension AuditCommand {
    /// What removing from the store asks for, whatever is removed.
    struct UpkeepOptions: ParsableArguments {
        @Option(help: "Who asks for it. Default: the user of the system.")
        var by: String?
        @Flag(help: "Only count.")
        var dryRun = false
        @Option(help: "text or json.")
        var format = OutputFormat.text
        @OptionGroup var store: SigningStore
    }

    /// `gatehouse audit erase`.
    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove somebody's texts for good; the decisions and the chain stay.",
            discussion: """
                Says how much with --dry-run. The erasure is itself kept: 'audit acts' lists who erased what. Ends with exit code \
                1 when older copies may still be in the store's log.
                """
        )

        @Option(
            help: "Whose texts: request:ID, decision:ID, tenant:NAME, channel:NAME, conversation:ID or client:NAME."
        )
        var subject: String
        @OptionGroup var upkeep: UpkeepOptions

        func run() async throws {
            try await reporting {
                let (report, isDone) = try await AuditErasing(settings: upkeep.store.read())
                    .erase(subject, by: upkeep.by, isTrial: upkeep.dryRun, asJSON: upkeep.format == .json)
                print(report, terminator: "")
                if !isDone { throw ExitCode(1) }
            }
        }
    }

    /// `gatehouse audit rekey`.
    struct Rekey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Encrypt every kept text with the newest key; the decisions and the chain stay.",
            discussion: """
                Texts that were kept as they are, and those of older keys, which must be among the keys still. May be done while the \
                gateway runs, and is itself kept: 'audit acts' lists who did it. Ends with exit code 1 when older copies may still \
                be in the store's log.
                """
        )

        @OptionGroup var upkeep: UpkeepOptions

        func run() async throws {
            try await reporting {
                let (report, isDone) = try await AuditErasing(settings: upkeep.store.read())
                    .rekey(by: upkeep.by, isTrial: upkeep.dryRun, asJSON: upkeep.format == .json)
                print(report, terminator: "")
                if !isDone { throw ExitCode(1) }
            }
        }
    }

    /// `gatehouse audit prune`.
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete the oldest records for good; what is left still verifies.",
            discussion: """
                Whole stretches of records go, each ending with a signed checkpoint and wholly older than the time. A stretch that \
                is not as it was written stays. What was deleted is itself kept: 'audit acts' lists who deleted how many.
                """
        )

        @Option(help: "Records since then stay: an age such as 90d, a date or a date-time.")
        var before: String?
        @Flag(help: "Erase texts and delete records as audit.retention says, as the gateway does by itself.")
        var byPolicy = false
        @OptionGroup var upkeep: UpkeepOptions

        func validate() throws {
            if byPolicy == (before != nil) { throw ValidationError("expected either --before or --by-policy") }
        }

        func run() async throws {
            try await reporting {
                let pruning = AuditPruning(settings: try upkeep.store.read())
                let (isTrial, asJSON) = (upkeep.dryRun, upkeep.format == .json)
                let result: (report: String, isDone: Bool)
                if let before {
                    result = try await pruning.prune(before: before, by: upkeep.by, isTrial: isTrial, asJSON: asJSON)
                } else {
                    result = try await pruning.retain(by: upkeep.by, isTrial: isTrial, asJSON: asJSON)
                }
                print(result.report, terminator: "")
                if !result.isDone { throw ExitCode(1) }
            }
        }
    }

    /// `gatehouse audit acts`.
    struct Acts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what people did to the store, the newest first: who, when, and to how many records."
        )

        @Option(help: "Only acts of this kind: \(AuditAct.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
        var kind: AuditAct.Kind?
        @Option(help: "Only acts of this person; * stands for any characters.")
        var actor: String?
        @Option(help: ArgumentHelp(FilterWord.since.help)) var since: String?
        @Option(help: ArgumentHelp(FilterWord.until.help)) var until: String?
        @Option(help: "At most so many acts.")
        var limit = 50
        @Option(help: ArgumentHelp("Go on after the page that ended so.", valueName: "cursor"))
        var after: String?
        @Option(help: "text or json (one act a line).")
        var format = OutputFormat.text
        @OptionGroup var store: Store

        func validate() throws {
            if limit < 1 { throw ValidationError("--limit \(limit): expected a number above 0") }
        }

        func run() async throws {
            try await reporting {
                let filter = ActFilter(
                    kind: kind,
                    actor: actor,
                    since: try since.map { text in try TimeExpression.date(text) },
                    until: try until.map { text in try TimeExpression.date(text, edge: .end) }
                )
                let (text, next) = try await AuditErasing(settings: store.read())
                    .acts(
                        filter,
                        limit: limit,
                        after: after.map { text in try AuditPosition(text) },
                        asJSON: format == .json
                    )
                print(text, terminator: "")
                if let next { printError("more: --after \(next)") }
            }
        }
    }
}

extension AuditAct.Kind: ExpressibleByArgument {}
