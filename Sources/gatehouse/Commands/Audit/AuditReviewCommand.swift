import ArgumentParser
import Audit
import GatehouseApp

/// `gatehouse audit review`.
struct AuditReviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "Go through flagged, redacted and borderline decisions and say whether they were right.",
        discussion: """
            The nearest to a threshold comes first; decisions that have a label are left out. Answers are r (right), w (wrong), \
            s (skip) and q (quit); a note may follow the first two. With --format json the decisions are printed instead, for \
            scripts that call `gatehouse audit label`.
            """
    )

    @OptionGroup(title: "Filters") var filter: AuditFilterOptions
    @Option(help: "A score this near to a threshold is borderline.")
    var margin = 0.1
    @Option(help: "At most so many decisions.")
    var limit = 20
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup var reviewer: ReviewerOption
    @OptionGroup var store: AuditCommand.Store

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit \(limit): expected a number above 0") }
        guard (0...1).contains(margin) else {
            throw ValidationError("--margin \(margin): expected a number from 0 to 1")
        }
    }

    func run() async throws {
        try await reporting {
            let review = try AuditReview(settings: store.read(), isColoured: isTerminal)
            let items = try await review.items(filter.filter(in: store), margin: margin, limit: limit)
            if format == .json { return print(try ReviewText.json(items), terminator: "") }
            guard !items.isEmpty else { return print("nothing to review") }
            let summary = try await review.walk(items, by: reviewer.name) {
                readLine()
            } write: { text in
                print(text, terminator: "")
            }
            print("\n\(summary.right) right, \(summary.wrong) wrong, \(summary.skipped) skipped")
        }
    }
}
