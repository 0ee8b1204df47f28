import Audit
import Foundation
import Moderation

/// Answers the audit questions of the command line.
public struct AuditQueries: Sendable {
    /// Which records, as words from the command line; nil and empty mean all.
    public struct Filter: Sendable {
        /// Earliest time.
        public var since: String?
        /// Latest time.
        public var until: String?
        /// Outcome or ending.
        public var outcome: String?
        /// A rule that fired.
        public var rule: String?
        /// `prompt` or `response`.
        public var direction: String?
        /// Words in the kept content.
        public var text: String?

        /// Creates a filter.
        public init(
            since: String? = nil,
            until: String? = nil,
            outcome: String? = nil,
            rule: String? = nil,
            direction: String? = nil,
            text: String? = nil
        ) {
            self.since = since
            self.until = until
            self.outcome = outcome
            self.rule = rule
            self.direction = direction
            self.text = text
        }

        /// - Throws: `AuditError` or ``SettingsError`` for a word that means nothing.
        func parsed() throws -> AuditFilter {
            var filter = AuditFilter()
            filter.since = try since.map { text in try TimeExpression.date(text) }
            filter.until = try until.map { text in try TimeExpression.date(text, edge: .end) }
            filter.rule = rule
            filter.text = text
            if let outcome { filter.results = [try word(outcome, flag: "--outcome")] }
            filter.direction = try direction.map { text in try word(text, flag: "--direction") }
            return filter
        }

        private func word<Value: RawRepresentable<String> & CaseIterable>(
            _ text: String,
            flag: String
        ) throws(SettingsError) -> Value {
            if let value = Value(rawValue: text) { return value }
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalidValue(key: text, source: flag, expected: "one of " + known)
        }
    }

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

    /// The newest records: a table, or one JSON object a line.
    public func list(_ filter: Filter, limit: Int, asJSON: Bool) async throws -> String {
        let entries = try await reader.list(filter.parsed(), limit: limit).entries
        guard asJSON else { return AuditTable.render(entries, isColoured: isColoured) }
        return try entries.map { entry in try AuditJSON.line(entry) + "\n" }.joined()
    }

    /// Everything about one record.
    public func show(_ id: String, asJSON: Bool) async throws -> String {
        let entry = try await reader.entry(id)
        return asJSON ? try AuditJSON.line(entry) + "\n" : AuditReport.render(entry, isColoured: isColoured)
    }

    /// Counts by outcome, rule and hour.
    public func stats(_ filter: Filter, asJSON: Bool) async throws -> String {
        let stats = try await reader.stats(filter.parsed())
        return asJSON ? try AuditJSON.line(stats) + "\n" : StatsChart.render(stats, isColoured: isColoured)
    }
}
