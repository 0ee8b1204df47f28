import Foundation
import Moderation

/// Conditions on the table `record`, called `r` in the query.
struct Conditions {
    private var clauses: [String] = []
    private(set) var arguments: SQLArguments = []
    private let dialect: SQLDialect

    /// ` WHERE …`, or nothing.
    var clause: String { clauses.isEmpty ? "" : " WHERE " + clauses.joined(separator: " AND ") }

    /// ` WHERE …` with further conditions.
    func clause(and conditions: [String]) -> String { " WHERE " + (clauses + conditions).joined(separator: " AND ") }

    mutating func add(_ clause: String, _ arguments: SQLArguments) {
        clauses.append(clause)
        self.arguments += arguments
    }

    /// - Parameter db: the store that will be asked; an older one has no labels.
    init(_ filter: AuditFilter, _ db: some StoreAccess) throws {
        dialect = db.dialect
        if let since = filter.since { add("r.time >= ?", [since.microseconds]) }
        if let until = filter.until { add("r.time < ?", [until.microseconds]) }
        if let direction = filter.direction { add("r.direction = ?", [direction.rawValue]) }
        if let cause = filter.cause { add("r.cause = ?", [cause.rawValue]) }
        if let failMode = filter.failMode { add("r.fail_mode = ?", [failMode.rawValue]) }
        if let requestID = filter.requestID { add("r.request_id = ?", [requestID]) }
        if let id = filter.id { add(beginningOf: "r.id", id) }
        if let revision = filter.revision { add(beginningOf: "r.policy_revision", revision) }
        for (column, pattern) in [
            ("r.tenant", filter.tenant), ("r.route", filter.route), ("r.model", filter.model),
            ("r.client", filter.client),
        ] {
            guard let pattern else { continue }
            try db.checkColumn(String(column.dropFirst(2)))
            add(column, pattern)
        }
        if let conversation = filter.conversation {
            try db.checkColumn("conversation")
            add("r.conversation = ?", [conversation])
        }
        if filter.isUnscanned { add(dialect.unscanned, []) }
        if !filter.results.isEmpty { add(filter.results) }
        if let label = filter.label { add(label, hasTable: try db.hasTable("label")) }
        if let rule = filter.rule { add(verdict(where: "v.outcome <> 'allow'"), [rule]) }
        for score in filter.scores { add(score) }
        if filter.text?.isEmpty == false {
            let (holdsText, arguments) = try db.holdsText(filter)
            add(holdsText, arguments)
        }
    }

    private func verdict(where condition: String) -> String {
        "EXISTS (SELECT 1 FROM verdict v WHERE \(dialect.belongs("v")) AND v.rule = ? AND \(condition))"
    }

    private mutating func add(_ label: LabelFilter, hasTable: Bool) {
        guard hasTable else { return label == .none ? () : add("FALSE", []) }
        switch label {
        case .none: add("NOT EXISTS (SELECT 1 FROM label l WHERE l.record = r.sequence)", [])
        case .right, .wrong:
            add("r.sequence IN (SELECT record FROM label)", [])
            add(
                "(SELECT l.finding FROM label l WHERE l.record = r.sequence ORDER BY l.id DESC LIMIT 1) = ?",
                [label.rawValue]
            )
        }
    }

    private mutating func add(_ score: ScoreCondition) {
        var clauses = ["v.score IS NOT NULL"]
        var arguments: SQLArguments = [score.rule]
        if let lower = score.lower {
            clauses.append("v.score \(lower.isInclusive ? ">=" : ">") ?")
            arguments += [lower.score]
        }
        if let upper = score.upper {
            clauses.append("v.score \(upper.isInclusive ? "<=" : "<") ?")
            arguments += [upper.score]
        }
        add(verdict(where: clauses.joined(separator: " AND ")), arguments)
    }

    /// Adds that a value of hexadecimal digits and hyphens begins so; `g` follows all of them.
    private mutating func add(beginningOf column: String, _ prefix: String) {
        add("\(column) >= ? AND \(column) < ?", [prefix.lowercased(), prefix.lowercased() + "g"])
    }

    /// Adds that a value is this one, or looks so where `*` stands for any characters.
    private mutating func add(_ column: String, _ pattern: String) {
        guard pattern.contains("*") else { return add("\(column) = ?", [pattern]) }
        let (condition, value) = dialect.matches(column, pattern)
        add(condition, [value])
    }

    private mutating func add(_ results: Set<AuditResult>) {
        let names = results.map(\.rawValue).sorted()
        let outcomes = results.compactMap(\.outcome).filter { $0 > .allow }.map(\.rawValue).sorted()
        var clause = "r.result IN (\(Self.marks(names.count)))"
        if !outcomes.isEmpty { clause = "(\(clause) OR r.outcome IN (\(Self.marks(outcomes.count))))" }
        add(clause, names + outcomes)
    }

    private static func marks(_ count: Int) -> String {
        repeatElement("?", count: count).joined(separator: ", ")
    }
}
