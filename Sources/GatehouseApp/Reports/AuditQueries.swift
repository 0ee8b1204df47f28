public import Audit
import Moderation
import Synchronization

/// Answers the audit questions of the command line.
public struct AuditQueries: Sendable {
    private let reader: SQLiteAuditReader
    private let isColoured: Bool

    /// Opens the audit store that the settings name, for reading.
    ///
    /// - Parameter isColoured: whether answers for people carry ANSI colours.
    /// - Throws: `AuditError`.
    public init(settings: Settings, isColoured: Bool = false) throws {
        reader = try SQLiteAuditReader(path: settings.auditFile)
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
    public func show(_ id: String, asJSON: Bool) async throws -> String {
        let entry = try await reader.entry(id)
        let labels = try await reader.labels(of: entry)
        if asJSON { return try AuditJSON.line(entry, labels: labels) + "\n" }
        return AuditReport.render(entry, labels: labels, isColoured: isColoured)
    }

    /// The labelled decisions that pass a filter as rows of a data set, one a line, and how many have no text to make a row of.
    public func labelledRows(_ filter: AuditFilter) async throws -> (lines: [String], withoutText: Int) {
        let found = Mutex((lines: [String](), withoutText: 0))
        try await reader.labelled(filter) { entry, prompt, labels in
            let line = try LabelledRow(entry, prompt: prompt, labels: labels)?.line()
            found.withLock { found in
                if let line { found.lines.append(line) } else { found.withoutText += 1 }
            }
        }
        return found.withLock { $0 }
    }

    /// Counts by outcome, rule and hour.
    public func stats(_ filter: AuditFilter, asJSON: Bool) async throws -> String {
        let stats = try await reader.stats(filter)
        return asJSON ? try AuditJSON.line(stats) + "\n" : StatsChart.render(stats, isColoured: isColoured)
    }
}
