public import Audit
import Moderation
import Synchronization

/// Answers the audit questions of the command line.
public struct AuditQueries: Sendable {
    private let reader: any AuditReader
    private let settings: Settings
    private let isColoured: Bool

    /// Opens the audit store that the settings name, for reading.
    ///
    /// - Parameter isColoured: whether answers for people carry ANSI colours.
    /// - Throws: `AuditError`.
    public init(settings: Settings, isColoured: Bool = false) throws {
        reader = try settings.audit.reader(keys: settings.auditTextKeys)
        self.settings = settings
        self.isColoured = isColoured
    }

    /// A page of the records that pass a filter.
    public func list(_ filter: AuditFilter, limit: Int, after cursor: AuditCursor?) async throws -> AuditPage {
        try await reader.list(filter, limit: limit, after: cursor)
    }

    /// How the store looks for such a page.
    public func plan(_ filter: AuditFilter, limit: Int, after cursor: AuditCursor?) async throws -> String {
        try await reader.plan(filter, limit: limit, after: cursor)
    }

    /// Everything about one record.
    ///
    /// - Parameters:
    ///   - weighs: whether to ask the model which words weighed most.
    ///   - rule: for which rule; nil for the one that decided.
    /// - Throws: `AuditError`; ``ModelError`` or an error that says why words can't be weighed.
    public func show(_ id: String, asJSON: Bool, weighs: Bool = false, rule: String? = nil) async throws -> String {
        let entry = try await reader.entry(id)
        let labels = try await reader.labels(of: entry)
        let neighbours = try await reader.neighbours(of: entry)
        let deciding = try await reader.decidingRule(of: entry)
        let weights = weighs ? try await weights(of: entry, rule: rule) : nil
        if asJSON {
            return try AuditJSON.line(
                entry,
                labels: labels,
                neighbours: neighbours,
                rule: deciding,
                weights: weights
            ) + "\n"
        }
        return AuditReport.render(
            entry,
            labels: labels,
            neighbours: neighbours,
            rule: deciding,
            weights: weights,
            isColoured: isColoured
        )
    }

    private func weights(of entry: AuditEntry, rule: String?) async throws -> WordWeights {
        let weighing = try await WordWeighing(entry, reader, rule: rule)
        return try await weighing.weights(by: try await JudgeModel.load(settings).classifier)
    }

    /// The labelled decisions that pass a filter as rows of a data set, one a line, and how many have no text to make a row of.
    public func labelledRows(_ filter: AuditFilter) async throws -> (lines: [String], withoutText: Int) {
        let found = Mutex((lines: [String](), withoutText: 0))
        try await reader.labelled(filter) { entry, prompt, labels in
            try (entry.content + (prompt?.content ?? [])).checkUnlocked()
            let line = try LabelledRow(entry, prompt: prompt, labels: labels)?.line()
            found.withLock { found in
                if let line { found.lines.append(line) } else { found.withoutText += 1 }
            }
        }
        return found.withLock { $0 }
    }

    /// Counts over the records that pass a filter.
    public func stats(_ filter: AuditFilter) async throws -> AuditStats { try await reader.stats(filter) }

    /// The most frequent of something.
    public func top(_ key: TopKey, _ filter: AuditFilter, limit: Int) async throws -> AuditTop {
        try await reader.top(key, filter, limit: limit)
    }

    /// Gives the newest records that pass a filter, the newest last, and then those that come.
    ///
    /// - Parameters:
    ///   - limit: how many of those that are there.
    ///   - follows: whether to wait for more, until the task is cancelled.
    ///   - body: given some records at a time, in the order of recording.
    public func tail(
        _ filter: AuditFilter,
        limit: Int,
        follows: Bool,
        _ body: ([AuditEntry]) throws -> Void
    ) async throws {
        var end = try await reader.position()
        let newest = limit > 0 ? try await reader.list(filter, limit: limit).entries : []
        if !newest.isEmpty { try body(newest.reversed()) }
        let shown = Set(newest.map(\.place))
        while follows {
            // A question at a time that finds nothing costs one look at the end of the store.
            try await Task.sleep(for: .milliseconds(250))
            let stretch = try await reader.records(after: end, filter, limit: Self.tailLimit)
            let entries = stretch.entries.filter { !shown.contains($0.place) }
            if !entries.isEmpty { try body(entries) }
            end = stretch.end
        }
    }

    /// Records that are shown at a time.
    private static let tailLimit = 1000
}
