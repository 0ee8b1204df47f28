public import Audit
import Moderation

/// Walks through decisions that a person should look at, and keeps what is said of them.
public struct AuditReview: Sendable {
    /// What came of a review.
    public struct Summary: Sendable, Hashable {
        /// Decisions that were called right.
        public var right = 0
        /// Decisions that were called wrong.
        public var wrong = 0
        /// Decisions of which nothing was said.
        public var skipped = 0
    }

    private let location: AuditLocation
    private let reader: any AuditReader
    private let isColoured: Bool

    /// Opens the audit store that the settings name.
    ///
    /// - Parameter isColoured: whether reports carry ANSI colours.
    /// - Throws: `AuditError`.
    public init(settings: Settings, isColoured: Bool = false) throws {
        location = settings.audit
        reader = try location.reader(keys: settings.auditTextKeys)
        self.isColoured = isColoured
    }

    /// The decisions to look at, the nearest to a threshold first.
    public func items(_ filter: AuditFilter, margin: Double, limit: Int) async throws -> [ReviewItem] {
        let items = try await reader.review(filter, margin: margin, limit: limit)
        try items.lazy.flatMap(\.entry.content).checkUnlocked()
        return items
    }

    /// Shows one decision after the other and asks about it until there is none left, the reviewer quits or no more answers come.
    ///
    /// - Parameters:
    ///   - actor: who reviews.
    ///   - read: gives the next line that the reviewer wrote; nil at the end.
    ///   - write: shows a text to the reviewer.
    public func walk(
        _ items: [ReviewItem],
        by actor: String,
        read: () -> String?,
        write: (String) -> Void
    ) async throws -> Summary {
        var summary = Summary()
        let labels = try location.labels()
        walk: for (index, item) in items.enumerated() {
            write(ReviewText.heading(item, place: index + 1, of: items.count, isColoured: isColoured))
            write(AuditReport.render(item.entry, isColoured: isColoured))
            var answer: ReviewAnswer?
            while answer == nil {
                write("\nright or wrong? [r, w, with a note behind it; s to skip, q to quit] ")
                guard let line = read() else { break walk }
                answer = ReviewAnswer(line)
            }
            switch answer {
            case .label(let finding, let note):
                _ = try await labels.add(finding, to: item.entry.decision.id.description, note: note, actor: actor)
                if finding == .right { summary.right += 1 } else { summary.wrong += 1 }
            case .skip, nil: summary.skipped += 1
            case .quit: break walk
            }
        }
        return summary
    }
}
