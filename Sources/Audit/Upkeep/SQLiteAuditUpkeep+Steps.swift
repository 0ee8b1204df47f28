import Foundation
import GRDB

/// Kept texts that something is to be done to.
struct TextSelection: Sendable {
    /// What an act says of them, such as `tenant:north`.
    var subject: String
    /// Which records: a condition on `record`, called `r`.
    var records: String
    /// Which of their texts: a condition on `content`, called `c`.
    var texts = "c.text IS NOT NULL"
    /// Whether notes of labels are meant too, which may quote a text.
    var hasNotes = false
    /// The values of both conditions.
    var arguments: StatementArguments
    /// The last record that needs no look.
    var start: Int64 = 0
}

/// A record that something is done to.
struct SelectedRecord: Sendable {
    var place: ChainEnd
    var id: String
}

extension SQLiteAuditUpkeep {
    /// Records that one transaction may change, so that the gateway waits a moment at most.
    private static let batchLimit = 1000

    /// Changes kept texts of some records, a number of records at a time, each time with an act.
    ///
    /// - Parameters:
    ///   - key: signs a checkpoint that covers the acts; nil leaves that to the gateway.
    ///   - body: given a record and the number of the act; changes its texts and says how many, nil where there was nothing to do.
    /// - Returns: the acts.
    func change(
        _ selection: TextSelection,
        _ kind: AuditAct.Kind,
        by actor: String,
        key: AuditSigningKey?,
        now: Date,
        _ body: @escaping @Sendable (Database, SelectedRecord, _ act: Int64) throws -> Int?
    ) async throws -> [AuditAct] {
        var acts: [AuditAct] = []
        var selection = selection
        while true {
            let step = selection
            // Looking may take long and keeps nobody from writing; only what is found is changed under the lock.
            let found = try await reader.read { db in try Self.records(db, step) }
            guard let farthest = found.last else { return acts }
            let stored = try await write { db -> StoredAct? in
                let end = try StoredAct.fetchEnd(db)
                let number = end.sequence + 1
                var texts = 0
                var records: [SelectedRecord] = []
                for record in found {
                    guard let count = try body(db, record, number) else { continue }
                    texts += count
                    records.append(record)
                }
                guard let first = records.first, let last = records.last else { return nil }
                var act = StoredAct(
                    number: number,
                    time: now.microseconds,
                    kind: kind.rawValue,
                    actor: actor,
                    subject: step.subject,
                    records: Int64(records.count),
                    texts: Int64(texts),
                    first: first.place,
                    last: last.place,
                    previousHash: end.hash
                )
                try act.insert(db)
                if let key { _ = try Checkpoint.sign(db, key: key, time: now) }
                return act
            }
            if let stored { acts.append(try AuditAct(stored)) }
            selection.start = farthest.place.sequence
        }
    }

    private static func records(_ db: Database, _ selection: TextSelection) throws -> [SelectedRecord] {
        let note = "EXISTS (SELECT 1 FROM label l WHERE l.record = r.sequence AND l.note IS NOT NULL)"
        let notes = selection.hasNotes ? " OR " + note : ""
        let sql = """
            SELECT r.sequence AS sequence, r.hash AS hash, r.id AS id FROM record r
            WHERE r.sequence > \(selection.start) AND \(selection.records)
                AND (EXISTS (SELECT 1 FROM content c WHERE c.record = r.sequence AND \(selection.texts))\(notes))
            ORDER BY r.sequence LIMIT \(batchLimit)
            """
        return try Row.fetchAll(db, sql: sql, arguments: selection.arguments).map { row in
            SelectedRecord(place: ChainEnd(sequence: row["sequence"], hash: row["hash"]), id: row["id"])
        }
    }
}
