import Moderation

/// How a list of records is printed.
public enum ListFormat: String, Sendable, Hashable, CaseIterable {
    /// A table, for people.
    case table
    /// One JSON array.
    case json
    /// One JSON object a line.
    case jsonl
    /// Comma-separated values with a heading.
    case csv

    /// The records in this format.
    ///
    /// - Parameters:
    ///   - entries: the records, in the order of printing.
    ///   - width: columns of the terminal, for a table.
    ///   - isColoured: whether a table carries ANSI colours.
    ///   - hasHeading: whether a table or comma-separated values begin with the names of the columns.
    public func render(
        _ entries: [AuditEntry],
        width: Int = 120,
        isColoured: Bool = false,
        hasHeading: Bool = true
    ) throws -> String {
        switch self {
        case .table:
            return AuditTable.render(entries, width: width, isColoured: isColoured, hasHeading: hasHeading)
        case .json:
            let lines = try entries.map { entry in try AuditJSON.line(entry) }
            return lines.isEmpty ? "[]\n" : "[\n" + lines.joined(separator: ",\n") + "\n]\n"
        case .jsonl: return try entries.map { entry in try AuditJSON.line(entry) + "\n" }.joined()
        case .csv:
            let heading = hasHeading ? CSV.line(AuditColumns.names) : ""
            return heading + entries.map { CSV.line(AuditColumns.values($0)) }.joined()
        }
    }
}

/// Comma-separated values (RFC 4180, with line feeds).
enum CSV {
    /// One line, with its line feed.
    static func line(_ values: [String]) -> String { values.map(field).joined(separator: ",") + "\n" }

    /// A field in quotation marks where it needs them.
    ///
    /// What a spreadsheet would take for a formula gets an apostrophe in front: somebody may have written it to a chatbot for
    /// that purpose.
    private static func field(_ value: String) -> String {
        let isFormula = value.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let text = isFormula && Double(value) == nil ? "'" + value : value
        guard text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

/// The columns of a record as comma-separated values.
private enum AuditColumns {
    static let names = [
        "id", "time", "direction", "result", "outcome", "cause", "fail_mode", "ending", "status", "request_id", "route",
        "dialect", "tenant", "model", "streamed", "policy", "policy_revision", "rules", "screen_score", "judging_ms",
        "client", "conversation", "text",
    ]

    static func values(_ entry: AuditEntry) -> [String] {
        let decision = entry.decision
        return [
            decision.id.description, AuditTime.full(decision.time), decision.direction.rawValue,
            entry.result.rawValue, decision.outcome.rawValue, decision.cause.rawValue, decision.failMode.rawValue,
            entry.ending.rawValue, entry.status.map(String.init) ?? "", entry.requestID, entry.route, entry.dialect,
            entry.tenant, entry.model ?? "", String(entry.streamed), decision.policy, decision.policyRevision,
            entry.firedRules.map(\.rule).joined(separator: " "), decision.screenScore.map(AuditNumber.score) ?? "",
            AuditNumber.fixed(decision.judgingMilliseconds, 2), entry.client ?? "", entry.conversation ?? "",
            entry.content.last { $0.text != nil }?.text ?? "",
        ]
    }
}
