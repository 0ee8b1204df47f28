import Foundation
import GRDB

/// Kept texts of a chain that something is to be done to.
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
    var arguments: [any DatabaseValueConvertible & Sendable]
    /// The last record that needs no look.
    var start: Int64 = 0
    /// Records that one transaction changes at most, so that the gateway waits a moment at most.
    var limit = 1000
}

/// A record that something is done to.
struct SelectedRecord: Sendable {
    /// Its place in the store.
    var key: Int64
    /// Its place in the chain.
    var place: ChainEnd
    var id: String
    /// Microseconds since 1970.
    var time: Int64

    /// The first records of a selection after a place of the chain.
    static func fetch(_ db: some StoreAccess, _ selection: TextSelection, after start: Int64) throws -> [SelectedRecord]
    {
        let place = "r.\(db.chain.place)"
        let note = "EXISTS (SELECT 1 FROM label l WHERE l.record = r.sequence AND l.note IS NOT NULL)"
        let notes = selection.hasNotes ? " OR " + note : ""
        let sql = """
            SELECT \(place) AS place, r.hash AS hash, r.id AS id, r.sequence AS record, r.time AS time FROM record r
            WHERE \(db.chain.condition) AND \(place) > ? AND \(selection.records)
                AND (EXISTS (SELECT 1 FROM content c WHERE \(db.dialect.belongs("c")) AND \(selection.texts))\(notes))
            ORDER BY \(place) LIMIT \(selection.limit)
            """
        return try db.rows(sql, [start] + selection.arguments).map { row in
            SelectedRecord(
                key: row["record"],
                place: ChainEnd(sequence: row["place"], hash: row["hash"]),
                id: row["id"],
                time: row["time"]
            )
        }
    }
}

extension [SelectedRecord] {
    /// That a row of `content` belongs to one of them, and the value for its question mark.
    func own(_ dialect: SQLDialect) -> (String, String) {
        let (condition, keys) = dialect.isAmong("record", map(\.key))
        let times = map(\.time)
        return ("\(condition) AND \(dialect.isWithin((times.min() ?? 0)...(times.max() ?? 0)))", keys)
    }
}

extension StoreUpkeep {
    /// Changes kept texts of some records, a number of records at a time, each time with an act.
    ///
    /// - Parameters:
    ///   - key: signs a checkpoint that covers the acts; nil leaves that to the gateway.
    ///   - select: says which texts of a chain.
    ///   - body: given records and the number of the act; changes their texts and says how many of each record, by its place in the
    ///     store.
    /// - Returns: the acts.
    func change(
        _ kind: AuditAct.Kind,
        by actor: String,
        key: AuditSigningKey?,
        now: Date,
        select: @escaping @Sendable (Reader.Access) throws -> TextSelection,
        _ body:
            @escaping @Sendable (Reader.Access, TextSelection, [SelectedRecord], _ act: Int64) throws -> [Int64: Int]
    ) async throws -> [AuditAct] {
        var acts: [AuditAct] = []
        for chain in try await chains() {
            let selection = try await read(chain, select)
            var start = selection.start
            while true {
                try Task.checkCancellation()
                // Looking may take long and keeps nobody from writing; only what is found is changed under the lock.
                let found = try await read(chain) { [start] db in
                    try SelectedRecord.fetch(db, selection, after: start)
                }
                guard let farthest = found.last else { break }
                let stored = try await write(chain) { db -> StoredAct? in
                    let end = try StoredAct.fetchEnd(db)
                    let counts = try body(db, selection, found, end.sequence + 1)
                    let records = found.filter { counts[$0.key] != nil }
                    guard let first = records.first, let last = records.last else { return nil }
                    var act = StoredAct(
                        number: end.sequence + 1,
                        time: now.microseconds,
                        kind: kind.rawValue,
                        actor: actor,
                        subject: selection.subject,
                        records: Int64(records.count),
                        texts: Int64(counts.values.reduce(0, +)),
                        first: first.place,
                        last: last.place,
                        previousHash: end.hash
                    )
                    try act.insert(db)
                    if let key { _ = try Checkpoint.sign(db, key: key, time: now) }
                    return act
                }
                if let stored { acts.append(try AuditAct(stored)) }
                start = farthest.place.sequence
            }
        }
        return acts
    }
}
