public import ArgumentParser
import Audit
import Foundation
import GatehouseApp

/// `gatehouse audit label`.
struct AuditLabelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Say whether a decision was right.",
        discussion: """
            A label is kept beside the record, with who said it and when; the record itself stays as it is. A decision may have \
            several; the newest counts.
            """
    )

    @Argument(help: "Decision id, or the beginning of one.")
    var id: String
    @Argument(help: "right or wrong.")
    var finding: AuditLabel.Finding
    @Option(help: "What else there is to say.")
    var note: String?
    @Option(help: "Only the verdict of this rule is meant, not the decision as a whole.")
    var rule: String?
    @OptionGroup var reviewer: ReviewerOption
    @OptionGroup var store: AuditCommand.Store

    func run() async throws {
        try await reporting {
            let label = try await store.labels().add(
                finding,
                to: id,
                rule: rule,
                note: note,
                actor: reviewer.name
            )
            let rule = label.rule.map { ", rule '\($0)'" } ?? ""
            print("\(label.decision)\(rule): \(label.finding.rawValue), by \(label.actor)")
        }
    }
}

/// `gatehouse audit labels`.
struct AuditLabelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "labels",
        abstract: "Use what reviewers said.",
        subcommands: [Export.self]
    )

    /// `gatehouse audit labels export`.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write labelled decisions as rows that `gatehouse eval` and `gatehouse policy calibrate` read.",
            discussion: """
                One JSON object a line, on standard output or to a file. Decisions whose text was not kept are left out and \
                counted. Texts are as they were kept: masked unless the gateway ran with --audit-content full.
                """
        )

        @OptionGroup(title: "Filters") var filter: AuditFilterOptions
        @Option(help: "Write to this file. Default: standard output.")
        var out: String?
        @OptionGroup var store: AuditCommand.Store

        func run() async throws {
            try await reporting {
                let export = try await store.open().labelledRows(filter.filter(in: store))
                let text = export.lines.map { $0 + "\n" }.joined()
                if let out {
                    try Data(text.utf8).write(to: URL(fileURLWithPath: out))
                } else {
                    print(text, terminator: "")
                }
                let rows = export.lines.count
                let left = export.withoutText > 0 ? "; \(export.withoutText) left out: their text was not kept" : ""
                printError("\(rows) rows\(left)")
            }
        }
    }
}

/// Who says it.
struct ReviewerOption: ParsableArguments {
    @Option(name: .customLong("by"), help: "Who says it. Default: this user.")
    var by: String?

    var name: String { by ?? NSUserName() }

    func validate() throws {
        if let by, by.isEmpty { throw ValidationError("--by: expected a name") }
    }
}

extension AuditLabel.Finding: ExpressibleByArgument {}
