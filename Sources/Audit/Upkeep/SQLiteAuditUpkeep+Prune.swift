package import Foundation
import GRDB

extension SQLiteAuditUpkeep {
    /// Records that one transaction deletes at most, unless two checkpoints are farther apart than that.
    private static let pruneLimit: Int64 = 5000

    /// Deletes the oldest records, in sealed stretches.
    package func prune(
        before time: Date,
        by actor: String,
        key: AuditSigningKey?,
        now: Date
    ) async throws -> UpkeepResult {
        let acts = try await delete(.before(time), by: actor, now: now)
        // Only now: a checkpoint at the end of the chain would be one to delete to.
        if let key, !acts.isEmpty { _ = try await checkpoint(key: key, now: now) }
        return UpkeepResult(acts: acts, isLogEmptied: try await emptyLog())
    }

    /// Deletes the oldest records, stretch by stretch; signs nothing.
    func delete(_ cause: DeletionCause, by actor: String, now: Date) async throws -> [AuditAct] {
        var acts: [AuditAct] = []
        let store = try await write { db in try ChainEnd.fetchStore(db) }
        while true {
            let stored = try await write { [keys] db -> StoredAct? in
                guard try cause.holds(db),
                    let stretch = try SealedStretch.fetchOldest(db, before: cause.time, limit: Self.pruneLimit)
                else { return nil }
                return try stretch.delete(db, store: store, cause, actor: actor, now: now, keys: keys)
            }
            guard let stored else { break }
            acts.append(try AuditAct(stored))
        }
        if !acts.isEmpty { try await write { db in try Facet.forgetPruned(db) } }
        return acts
    }
}

/// Why records are deleted.
enum DeletionCause: Sendable {
    /// They are older than a time.
    case before(Date)
    /// The store is larger than so many bytes.
    case over(bytes: Int)

    /// As the act says it.
    var subject: String {
        switch self {
        case .before(let time): "before:\(AuditTime.full(time))"
        case .over(let bytes): "size:\(bytes)"
        }
    }

    /// Records of this time or later stay, in microseconds since 1970.
    fileprivate var time: Int64 {
        switch self {
        case .before(let time): time.microseconds
        case .over: .max
        }
    }

    fileprivate func holds(_ db: Database) throws -> Bool {
        switch self {
        case .before: true
        case .over(let bytes): try StoreSize.used(db) > bytes
        }
    }
}

extension SQLiteAuditReader {
    /// How many records `prune` would delete.
    package func prunable(before time: Date) async throws -> Int {
        try await read { db in
            guard try db.tableExists("checkpoint"), try db.tableExists("act"),
                let stretch = try SealedStretch.fetchOldest(db, before: time.microseconds, limit: .max)
            else { return 0 }
            return Int(Int64(stretch.end.sequence) - stretch.start.sequence)
        }
    }
}

/// The oldest records of a store, to a checkpoint.
private struct SealedStretch {
    /// The last record that was deleted before.
    var start: ChainEnd
    /// The checkpoint at its last record.
    var end: StoredCheckpoint

    /// The longest of at most so many records, or else the shortest; nil where none is wholly older than a time.
    static func fetchOldest(_ db: Database, before time: Int64, limit: Int64) throws -> SealedStretch? {
        let start = try StoredAct.fetchPruned(db)
        let sql = "SELECT number, sequence, line FROM checkpoint WHERE sequence > ? ORDER BY sequence, number"
        let newer = try db.makeStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM record WHERE sequence > ? AND sequence <= ? AND time >= ?)"
        )
        var end: StoredCheckpoint?
        let rows = try Row.fetchCursor(db, sql: sql, arguments: [start.sequence])
        while let row = try rows.next() {
            let checkpoint = StoredCheckpoint(row)
            let place = Int64(end?.sequence ?? Int(start.sequence))
            if Int64(checkpoint.sequence) == place { continue }
            if end != nil, Int64(checkpoint.sequence) - start.sequence > limit { break }
            if try Bool.fetchOne(newer, arguments: [place, checkpoint.sequence, time]) ?? false { break }
            end = checkpoint
        }
        return end.map { SealedStretch(start: start, end: $0) }
    }

    /// Checks that all is as it was written and signed, deletes it and keeps the act.
    func delete(_ db: Database, store: String?, _ cause: DeletionCause, actor: String, now: Date, keys: AuditTextKeys)
        throws
        -> StoredAct
    {
        let (walk, first, texts) = try walked(db, keys: keys)
        let checkpoint = try? Checkpoint(line: end.line)
        guard let first, let checkpoint, checkpoint.isSignedRightly, checkpoint.store == store,
            checkpoint.sequence == Int(walk.sequence), checkpoint.hash == walk.head
        else {
            let fault = ChainFault(sequence: end.sequence, id: nil, kind: .checkpointAltered)
            throw AuditError.unsoundStretch(fault.description)
        }
        try db.execute(sql: "DELETE FROM record WHERE sequence <= ?", arguments: [walk.sequence])
        let acts = try StoredAct.fetchEnd(db)
        var act = StoredAct(
            number: acts.sequence + 1,
            time: now.microseconds,
            kind: AuditAct.Kind.prune.rawValue,
            actor: actor,
            subject: cause.subject,
            records: walk.sequence - start.sequence,
            texts: texts,
            first: first,
            last: ChainEnd(sequence: walk.sequence, hash: walk.head),
            previousHash: acts.hash
        )
        try act.insert(db)
        // What was said of them stays, without the words: these may quote what went.
        _ = try StoredLabel.eraseNotes(db, where: "<= ?", walk.sequence, act: act.number)
        return act
    }

    /// Walks the stretch; gives its end, its first record and how many texts it has.
    private func walked(_ db: Database, keys: AuditTextKeys) throws -> (ChainWalk, first: ChainEnd?, texts: Int64) {
        var walk = ChainWalk(after: start, keys: keys)
        var first: ChainEnd?
        var texts: Int64 = 0
        let sql = "SELECT * FROM record WHERE sequence <= ? ORDER BY sequence"
        let rows = try RawRecords(db, sql: sql, arguments: [end.sequence])
        defer { rows.close() }
        while let record = try rows.next() {
            if let fault = walk.step(record) { throw AuditError.unsoundStretch(fault.description) }
            first = first ?? ChainEnd(sequence: walk.sequence, hash: walk.head)
            texts += Int64(record.record.content.count { $0.text != nil })
        }
        return (walk, first, texts)
    }
}
