import Foundation
import GRDB
import Moderation

/// Conditions on the table `record`, called `r` in the query.
struct Conditions {
    private var clauses: [String] = []
    private(set) var arguments = StatementArguments()

    /// ` WHERE …`, or nothing.
    var clause: String { clauses.isEmpty ? "" : " WHERE " + clauses.joined(separator: " AND ") }

    mutating func add(_ clause: String, _ arguments: StatementArguments) {
        clauses.append(clause)
        self.arguments += arguments
    }

    init(_ filter: AuditFilter) {
        if let since = filter.since { add("r.time >= ?", [since.microseconds]) }
        if let until = filter.until { add("r.time < ?", [until.microseconds]) }
        if let direction = filter.direction { add("r.direction = ?", [direction.rawValue]) }
        if let cause = filter.cause { add("r.cause = ?", [cause.rawValue]) }
        if let requestID = filter.requestID { add("r.request_id = ?", [requestID]) }
        if !filter.results.isEmpty { add(filter.results) }
        if let rule = filter.rule {
            add(
                "EXISTS (SELECT 1 FROM verdict v WHERE v.record = r.sequence AND v.rule = ? AND v.outcome <> 'allow')",
                [rule]
            )
        }
        if let text = filter.text, !text.isEmpty {
            // LIKE knows no case beyond ASCII; other words are compared after folding, which is slower.
            let isASCII = text.utf8.allSatisfy { $0 < 128 }
            let column = isASCII ? "c.text" : "\(CaseFolding.name)(c.text)"
            add(
                "EXISTS (SELECT 1 FROM content c WHERE c.record = r.sequence AND \(column) LIKE ? ESCAPE '\\')",
                [Self.pattern(isASCII ? text : CaseFolding.fold(text))]
            )
        }
    }

    private mutating func add(_ results: Set<AuditResult>) {
        let names = results.map(\.rawValue).sorted()
        let outcomes = results.compactMap(\.outcome).filter { $0 > .allow }.map(\.rawValue).sorted()
        var clause = "r.result IN (\(Self.marks(names.count)))"
        if !outcomes.isEmpty { clause = "(\(clause) OR r.outcome IN (\(Self.marks(outcomes.count))))" }
        add(clause, StatementArguments(names + outcomes))
        if !results.contains(.allow) { add("(\(Schema.notable))", []) }
    }

    private static func marks(_ count: Int) -> String {
        repeatElement("?", count: count).joined(separator: ", ")
    }

    /// A LIKE pattern that finds the text anywhere; `%`, `_` and `\` stand for themselves.
    private static func pattern(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            if character == "%" || character == "_" || character == "\\" { escaped.unicodeScalars.append("\\") }
            escaped.unicodeScalars.append(character)
        }
        return "%\(escaped)%"
    }
}

/// Comparison without regard to case in any script.
enum CaseFolding {
    static let name = "gatehouse_fold"

    static func fold(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping.lowercased()
    }

    static var function: DatabaseFunction {
        DatabaseFunction(name, argumentCount: 1, pure: true) { values in
            values.first.flatMap { String.fromDatabaseValue($0) }.map(fold)
        }
    }
}
