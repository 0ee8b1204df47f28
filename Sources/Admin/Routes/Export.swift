import Audit

/// Gives out records in the order of recording, a thousand at a time, and keeps each time who is given them before they are.
struct Export: Sendable {
    let store: AdminStore
    let filter: AuditFilter
    let subject: String
    let showsContent: Bool
    let caller: AdminCaller

    /// Records of one step.
    private static let step = 1000

    /// Lines of some records, and where to go on.
    struct Step: Sendable {
        /// Empty when there are no more records.
        var text: String
        var end: AuditPosition
        /// Whether no more records were there: an export ends even though others arrive all the time.
        var isLast: Bool
    }

    /// The steps from a position on, the first of them taken already.
    func steps(after position: AuditPosition) async throws -> Steps {
        Steps(export: self, first: try await step(after: position))
    }

    private func step(after position: AuditPosition) async throws -> Step {
        let stretch = try await store.reader.records(after: position, filter, limit: Self.step)
        guard !stretch.entries.isEmpty else { return Step(text: "", end: stretch.end, isLast: true) }
        try await store.note(.export, subject, of: stretch.entries, showsContent: showsContent, by: caller)
        let lines = try stretch.entries.map { entry in
            try AuditJSON.line(showsContent ? entry : entry.withoutTexts) + "\n"
        }
        return Step(text: lines.joined(), end: stretch.end, isLast: lines.count < Self.step)
    }

    /// Steps that are taken one after the other, each when it is asked for.
    struct Steps: AsyncSequence, Sendable {
        typealias Element = String
        typealias Failure = any Error

        fileprivate let export: Export
        fileprivate let first: Step

        func makeAsyncIterator() -> Iterator { Iterator(export: export, first: first) }

        struct Iterator: AsyncIteratorProtocol {
            typealias Element = String
            typealias Failure = any Error

            fileprivate let export: Export
            fileprivate var taken: Step?
            fileprivate var end: AuditPosition?

            fileprivate init(export: Export, first: Step) {
                self.export = export
                taken = first
            }

            mutating func next() async throws -> String? {
                let step: Step
                if let taken {
                    step = taken
                } else if let end {
                    step = try await export.step(after: end)
                } else {
                    return nil
                }
                (taken, end) = (nil, step.isLast ? nil : step.end)
                return step.text.isEmpty ? nil : step.text
            }

        }
    }
}
