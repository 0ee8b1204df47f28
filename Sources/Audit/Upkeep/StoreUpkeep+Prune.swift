package import Foundation

extension StoreUpkeep {
    /// Records that one transaction deletes at most, unless two checkpoints are farther apart than that.
    private static var pruneLimit: Int64 { 5000 }

    /// Deletes the oldest records of each chain, in sealed stretches.
    package func prune(
        before time: Date,
        by actor: String,
        key: AuditSigningKey?,
        now: Date
    ) async throws -> UpkeepResult {
        let acts = try await delete(.before(time), by: actor, now: now)
        // Only now: a checkpoint at the end of the chain would be one to delete to.
        if let key, !acts.isEmpty { _ = try await checkpoint(key: key, now: now) }
        return UpkeepResult(acts: acts, isLogEmptied: try await sweep())
    }

    /// Deletes the oldest records, stretch by stretch; signs nothing.
    func delete(_ cause: DeletionCause, by actor: String, now: Date) async throws -> [AuditAct] {
        var acts: [AuditAct] = []
        var open = try await chains()
        while let chain = try await reader.read({ [open] db in try db.oldest(of: open) }) {
            try Task.checkCancellation()
            let stored = try await write(chain) { [keys] db -> StoredAct? in
                guard try cause.holds(db),
                    let stretch = try SealedStretch.fetchOldest(db, before: cause.time, limit: Self.pruneLimit)
                else { return nil }
                return try stretch.delete(db, cause, actor: actor, now: now, keys: keys)
            }
            if let stored {
                acts.append(try AuditAct(stored))
            } else {
                open.removeAll { $0 == chain }
            }
        }
        if !acts.isEmpty { try await finishDeletion() }
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

    fileprivate func holds(_ db: some StoreAccess) throws -> Bool {
        switch self {
        case .before: true
        case .over(let bytes): try db.usedBytes() > bytes
        }
    }
}

extension StoreAccess {
    /// That of some chains whose first record is the oldest; nil when they have none.
    fileprivate func oldest(of chains: [ChainScope]) throws -> ChainScope? {
        try chains.compactMap { chain -> (chain: ChainScope, time: Int64)? in
            let sql = "SELECT time FROM record WHERE \(chain.condition) ORDER BY \(chain.place) LIMIT 1"
            return try rows(sql, []).first.map { (chain, $0["time"]) }
        }.min { $0.time < $1.time }?.chain
    }
}

extension StoreReading {
    /// How many records `prune` would delete.
    package func prunable(before time: Date) async throws -> Int {
        try await read { db in
            guard try db.hasTable("checkpoint"), try db.hasTable("act") else { return 0 }
            return try db.chains.reduce(0) { sum, db in
                let stretch = try SealedStretch.fetchOldest(db, before: time.microseconds, limit: .max)
                return sum + (stretch.map { $0.end.sequence - Int($0.start.sequence) } ?? 0)
            }
        }
    }
}

/// The oldest records of a chain, to a checkpoint.
private struct SealedStretch {
    /// The last record that was deleted before.
    var start: ChainEnd
    /// The checkpoint at its last record.
    var end: StoredCheckpoint

    /// The longest of at most so many records, or else the shortest; nil where none is wholly older than a time.
    static func fetchOldest(_ db: some StoreAccess, before time: Int64, limit: Int64) throws -> SealedStretch? {
        let start = try StoredAct.fetchPruned(db)
        let sql = """
            SELECT number, sequence, line FROM checkpoint WHERE \(db.chain.condition) AND sequence > ?
            ORDER BY sequence, number
            """
        let place = db.chain.place
        let newer = """
            SELECT id FROM record WHERE \(db.chain.condition) AND \(place) > ? AND \(place) <= ? AND time >= ? LIMIT 1
            """
        var end: StoredCheckpoint?
        try db.each(sql, [start.sequence]) { row in
            let checkpoint = StoredCheckpoint(row)
            let reached = end?.sequence ?? Int(start.sequence)
            if checkpoint.sequence == reached { return true }
            if end != nil, Int64(checkpoint.sequence) - start.sequence > limit { return false }
            guard try db.rows(newer, [reached, checkpoint.sequence, time]).isEmpty else { return false }
            end = checkpoint
            return true
        }
        return end.map { SealedStretch(start: start, end: $0) }
    }

    /// Checks that all is as it was written and signed, deletes it and keeps the act.
    func delete(_ db: some StoreAccess, _ cause: DeletionCause, actor: String, now: Date, keys: AuditTextKeys) throws
        -> StoredAct
    {
        let (walk, first, texts) = try walked(db, keys: keys)
        let checkpoint = try? Checkpoint(line: end.line)
        guard let first, let checkpoint, checkpoint.isSignedRightly, checkpoint.store == (try ChainEnd.fetchStore(db)),
            checkpoint.sequence == Int(walk.sequence), checkpoint.hash == walk.head
        else {
            let fault = ChainFault(sequence: end.sequence, id: nil, kind: .checkpointAltered)
            throw AuditError.unsoundStretch(fault.description)
        }
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
        let gone = "SELECT sequence FROM record WHERE \(db.chain.condition) AND \(db.chain.place) <= ?"
        _ = try StoredLabel.eraseNotes(db, where: "record IN (\(gone))", walk.sequence, act: act.number)
        try db.deleteRecords(through: walk.sequence)
        return act
    }

    /// Walks the stretch; gives its end, its first record and how many texts it has.
    private func walked(_ db: some StoreAccess, keys: AuditTextKeys) throws -> (
        ChainWalk, first: ChainEnd?, texts: Int64
    ) {
        var walk = ChainWalk(after: start, keys: keys)
        var first: ChainEnd?
        var texts: Int64 = 0
        try db.walk { record in
            guard record.sequence <= Int64(end.sequence) else { return false }
            if let fault = walk.step(record) { throw AuditError.unsoundStretch(fault.description) }
            first = first ?? ChainEnd(sequence: walk.sequence, hash: walk.head)
            texts += Int64(record.record.content.count { $0.text != nil })
            return true
        }
        return (walk, first, texts)
    }
}
