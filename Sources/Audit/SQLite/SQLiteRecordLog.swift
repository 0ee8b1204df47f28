import GRDB

/// The end of the chain in a SQLite file.
final class SQLiteRecordLog: RecordLog {
    let name: String
    private let pool: DatabasePool
    private let sealing: AuditSealing?

    init(pool: DatabasePool, name: String, sealing: AuditSealing?) {
        self.pool = pool
        self.name = name
        self.sealing = sealing
    }

    func write(_ body: (_ add: (StoredRecord) throws -> Void) throws -> Void) throws -> [AuditError?] {
        try pool.writeWithoutTransaction { db in
            do {
                try Insertion.run(db, sql: "BEGIN IMMEDIATE")
                guard var end = try ChainEnd.fetch(db), var clock = try RecordClock.fetch(db) else {
                    throw AuditError.damaged(path: name)
                }
                let start = end.sequence
                var refusals: [AuditError?] = []
                try body { record in
                    let isNew = try Self.append(record, to: &end, db)
                    if isNew { clock.add(record.time) }
                    refusals.append(isNew ? nil : .duplicateID(record.id))
                }
                try Facet.note(after: start, to: end.sequence, db)
                try end.save(db)
                try clock.save(db)
                try sealing?.sealIfDue(db, at: end)
                try Insertion.run(db, sql: "COMMIT")
                return refusals
            } catch {
                if db.isInsideTransaction { try? Insertion.run(db, sql: "ROLLBACK") }
                throw error
            }
        }
    }

    /// Adds a record after the one before; false when it is there already.
    private static func append(_ record: StoredRecord, to end: inout ChainEnd, _ db: Database) throws -> Bool {
        let sequence = end.sequence + 1
        let hash = ChainHash.of(record, sequence: sequence, previous: end.hash)
        guard try record.insert(db, sequence: sequence, previousHash: end.hash, hash: hash) else { return false }
        end = ChainEnd(sequence: sequence, hash: hash)
        return true
    }
}
