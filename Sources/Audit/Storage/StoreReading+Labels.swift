import Foundation
import Moderation

extension StoreReading {
    package func labels(of entry: AuditEntry) async throws -> [AuditLabel] {
        try await read { db in
            guard try db.hasTable("label") else { return [] }
            return try AuditLabel.fetch(db, of: entry)
        }
    }

    package func labelled(
        _ filter: AuditFilter,
        _ body: @escaping @Sendable (AuditEntry, _ prompt: AuditEntry?, [AuditLabel]) throws -> Void
    ) async throws {
        try await read { db in
            guard try db.hasTable("label") else { return }
            var conditions = try Conditions(filter, db)
            conditions.add("r.sequence IN (SELECT record FROM label)", [])
            let sql = "SELECT r.* FROM record r\(conditions.clause) ORDER BY r.sequence"
            for record in try db.records(sql, conditions.arguments) {
                let entry = try AuditEntry(record, keys: keys)
                let isAnswer = entry.decision.direction == .response
                let prompt = isAnswer ? try AuditEntry.prompt(db, of: entry.requestID, keys: keys) : nil
                try body(entry, prompt, try AuditLabel.fetch(db, of: entry))
            }
        }
    }
}

extension AuditLabel {
    fileprivate static func fetch(_ db: some StoreAccess, of entry: AuditEntry) throws -> [AuditLabel] {
        let sql = "SELECT finding, rule, note, actor, time FROM label WHERE record = ? ORDER BY id"
        return try db.rows(sql, [entry.place]).map { row in
            guard let finding = Finding(rawValue: row["finding"]) else {
                throw AuditError.unreadableRecord(id: entry.decision.id.description)
            }
            return AuditLabel(
                decision: entry.decision.id.description,
                finding: finding,
                rule: row["rule"],
                note: row["note"],
                actor: row["actor"],
                time: Date(microseconds: row["time"])
            )
        }
    }

    /// Keeps what somebody says of the only decision whose id begins so.
    ///
    /// Runs inside the caller's transaction.
    static func add(
        _ db: some StoreAccess,
        _ finding: Finding,
        to prefix: DecisionPrefix,
        rule: String?,
        note: String?,
        actor: String,
        time: Date
    ) throws -> AuditLabel {
        let entry = try AuditEntry(prefix.record(db), keys: AuditTextKeys())
        if let rule, !entry.decision.verdicts.contains(where: { $0.rule == rule }) {
            throw AuditError.badValue(
                of: "a rule that was evaluated for this decision",
                found: rule,
                expected: "one of " + entry.decision.verdicts.map(\.rule).joined(separator: ", ")
            )
        }
        let label = AuditLabel(
            decision: entry.decision.id.description,
            finding: finding,
            rule: rule,
            note: note,
            actor: actor,
            time: Date(microseconds: time.microseconds)
        )
        try StoredLabel(label, record: entry.place, after: StoredLabel.fetchEnd(db)).insert(db)
        return label
    }
}

extension AuditEntry {
    /// The record of what was asked in a request.
    static func prompt(_ db: some StoreAccess, of requestID: String, keys: AuditTextKeys) throws -> AuditEntry? {
        let sql = "SELECT * FROM record WHERE request_id = ? AND direction = 'prompt' ORDER BY sequence LIMIT 1"
        return try db.records(sql, [requestID]).first.map { try AuditEntry($0, keys: keys) }
    }
}
