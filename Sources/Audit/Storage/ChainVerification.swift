/// A walk along a stored chain with its checkpoints.
struct ChainVerification {
    private let start: ChainEnd
    private let keys: AuditTextKeys
    private var walk: ChainWalk
    private var checkpoints: CheckpointWalk
    private var acts: ActWalk
    private let labels: LabelWalk

    /// Walks the chain from the first record to the last.
    static func report(_ db: some StoreAccess, _ evidence: ChainEvidence, keys: AuditTextKeys) throws -> ChainReport {
        var verification = try ChainVerification(db, evidence, keys: keys)
        let fault = try verification.acts.brokenStart ?? verification.run(db)
        return verification.report(
            fault ?? verification.acts.end() ?? verification.labels.fault ?? verification.checkpoints.fault
        )
    }

    private init(_ db: some StoreAccess, _ evidence: ChainEvidence, keys: AuditTextKeys) throws {
        start = try db.hasTable("act") ? StoredAct.fetchPruned(db) : ChainHash.start
        walk = ChainWalk(after: start, keys: keys)
        self.keys = keys
        checkpoints = CheckpointWalk(
            try StoredCheckpoint.fetchAll(db),
            store: try ChainEnd.fetchStore(db),
            after: start,
            evidence: evidence
        )
        let stored = try StoredAct.fetchAll(db)
        acts = ActWalk(stored, pruned: start, checkpoints: checkpoints.sound)
        labels = LabelWalk(try StoredLabel.fetchAll(db), acts: stored, checkpoints: checkpoints.sound)
    }

    /// The first record that is not as it was written.
    private mutating func run(_ db: some StoreAccess) throws -> ChainFault? {
        let end = try ChainEnd.fetch(db)
        if let fault = checkpoints.step(at: walk.sequence, hash: walk.head) { return fault }
        var fault: ChainFault?
        try db.walk { record in
            fault = try step(record, end, db)
            return fault == nil
        }
        if let fault { return fault }
        guard let end else { return ChainFault(sequence: Int(walk.sequence), id: nil, kind: .unlinked) }
        return walk.end(at: end.sequence, hash: end.hash) ?? checkpoints.end(at: walk.sequence)
    }

    private mutating func step(_ record: ChainedRecord, _ end: ChainEnd?, _ db: some StoreAccess) throws -> ChainFault?
    {
        if let end, record.sequence > end.sequence, walk.sequence == end.sequence {
            return ChainFault(sequence: Int(record.sequence), id: record.record.id, kind: .inserted)
        }
        if let fault = walk.step(record) {
            return fault.kind == .altered
                ? try ChainDiagnosis(db, start: start, after: walk, keys: keys).fault(of: record) : fault
        }
        guard acts.step(record.record.content) else {
            return ChainFault(sequence: Int(record.sequence), id: record.record.id, kind: .altered)
        }
        return checkpoints.step(at: walk.sequence, hash: walk.head)
    }

    private func report(_ fault: ChainFault?) -> ChainReport {
        ChainReport(
            records: Int(walk.sequence - start.sequence),
            head: walk.head,
            fault: fault,
            checkpoints: checkpoints.count,
            seal: checkpoints.last.map(ChainReport.Seal.init),
            acts: acts.count,
            unsealedActs: max(0, acts.unsealed),
            erasedTexts: acts.erasedTexts,
            pruned: Int(start.sequence),
            lockedTexts: walk.lockedTexts,
            missingKeys: walk.missingKeys.sorted(),
            labels: labels.count,
            unsealedLabels: labels.unsealed,
            clockSetback: walk.clock.setback
        )
    }
}

/// Finds out what was done to a record that does not match its hash.
private struct ChainDiagnosis<Access: StoreAccess> {
    private let db: Access
    private let start: ChainEnd
    /// The last good record before it.
    private let walk: ChainWalk
    private let keys: AuditTextKeys

    /// How far from where it stands a record's own place is looked for.
    private let reach: Int64 = 1000

    init(_ db: Access, start: ChainEnd, after walk: ChainWalk, keys: AuditTextKeys) {
        self.keys = keys
        self.db = db
        self.start = start
        self.walk = walk
    }

    func fault(of row: ChainedRecord) throws -> ChainFault {
        let altered = ChainFault(sequence: Int(row.sequence), id: row.record.id, kind: .altered)
        guard !row.record.integrity(by: keys).contains(.altered), let place = try writtenPlace(of: row) else {
            return altered
        }
        let moved = ChainFault(sequence: Int(row.sequence), id: row.record.id, kind: .moved, other: Int(place))
        if place < row.sequence {
            // It follows the record that it always followed, so those between were put there.
            guard try hash(at: place - 1) == row.previousHash else { return moved }
            let id: String? = try link(db.chain.place, place, "id")
            return ChainFault(sequence: Int(place), id: id, kind: .inserted, other: Int(row.sequence - 1))
        }
        let follower: String? = try link("previous_hash", walk.head, "id")
        if follower != nil { return moved }
        return ChainFault(sequence: Int(row.sequence), id: nil, kind: .missing, other: Int(place - 1))
    }

    /// The place that the record's hash was made for; nil when it matches none.
    private func writtenPlace(of row: ChainedRecord) throws -> Int64? {
        func isWritten(at place: Int64) -> Bool {
            ChainHash.of(row.record, sequence: place, previous: row.previousHash) == row.hash
        }
        let before: Int64? = try link("hash", row.previousHash, db.chain.place)
        if let before, isWritten(at: before + 1) {
            return before + 1
        }
        let places = (1...reach).lazy.flatMap { [row.sequence - $0, row.sequence + $0] }
        return places.first { $0 > 0 && isWritten(at: $0) }
    }

    private func hash(at place: Int64) throws -> String? {
        if place == start.sequence { return start.hash }
        return try link(db.chain.place, place, "hash")
    }

    /// A column of the record of the chain that has this value in another one.
    private func link<Value: ColumnValue>(_ key: String, _ value: some ColumnValue, _ column: String) throws -> Value? {
        let sql = "SELECT \(column) FROM record WHERE \(key) = ? AND \(db.chain.condition) LIMIT 1"
        return try db.rows(sql, [value]).first?[column]
    }
}

extension StoredCheckpoint {
    /// All of the store, in order of number; none in a file that an older version of the program wrote.
    static func fetchAll(_ db: some StoreAccess) throws -> [StoredCheckpoint] {
        guard try db.hasTable("checkpoint") else { return [] }
        let sql = "SELECT number, sequence, line FROM checkpoint WHERE \(db.chain.condition) ORDER BY number"
        return try db.rows(sql, []).map { StoredCheckpoint($0) }
    }

    init(_ row: some ColumnReading) { self.init(number: row["number"], sequence: row["sequence"], line: row["line"]) }
}
