import Audit
import Foundation
import Moderation

/// Tells which policies were in force, and what they said.
public struct PolicyLog: Sendable {
    private let history: any PolicyHistoryReader

    /// Opens the history in the audit store that the settings name, for reading.
    ///
    /// - Throws: `AuditError`.
    public init(settings: Settings) throws {
        try self.init(history: settings.audit.reader())
    }

    init(history: any PolicyHistoryReader) {
        self.history = history
    }

    /// What happened, newest first: a table, or one JSON object a line.
    public func events(limit: Int, asJSON: Bool) async throws -> String {
        let events = try await history.policyEvents(limit: limit)
        if asJSON { return try events.map { try Self.line($0) + "\n" }.joined() }
        guard !events.isEmpty else { return "no policy was in force yet\n" }
        var end: Date?
        var lines: [String] = []
        for event in events {
            lines.append(Self.row(event, until: end))
            if event.kind == .live { end = event.time }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// One policy with its files.
    public func policy(_ revision: String, asJSON: Bool) async throws -> String {
        let kept = try await history.keptPolicy(revision)
        if asJSON { return try Self.line(kept) + "\n" }
        let rules = kept.policy.rules.count
        let head =
            "policy '\(kept.policy.name)', revision \(kept.policy.revision), \(rules) rules, "
            + "first seen \(Self.time(kept.firstSeen))\n"
        return head + kept.files.map { "\n# ---- \($0.path)\n\($0.text)" }.joined()
    }

    private static func row(_ event: PolicyEvent, until end: Date?) -> String {
        let kind = event.kind.rawValue.padding(toLength: 15, withPad: " ", startingAt: 0)
        let revision = event.revision.map { String($0.prefix(12)) } ?? "-"
        var words = ["by \(event.actor)"]
        if event.kind == .live { words.append(end.map { "until \(time($0))" } ?? "in force") }
        if let note = event.note { words.append(note) }
        let name = revision.padding(toLength: 12, withPad: " ", startingAt: 0)
        return "\(time(event.time))  \(kind)  \(name)  \(words.joined(separator: ", "))"
    }

    private static func time(_ date: Date) -> String {
        date.formatted(.iso8601).replacing("T", with: " ").replacing("Z", with: "")
    }

    private static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
