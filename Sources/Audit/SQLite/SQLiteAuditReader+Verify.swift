import GRDB

extension SQLiteAuditReader {
    /// Walks the hash chain from the first record to the last, and the checkpoints beside it.
    public func verify(_ evidence: ChainEvidence) async throws -> ChainReport {
        try await read { db in
            var verification = try ChainVerification(db, evidence, keys: keys)
            let fault = try verification.acts.brokenStart ?? verification.run(db)
            return verification.report(
                fault ?? verification.acts.end() ?? verification.labels.fault ?? verification.checkpoints.fault
            )
        }
    }
}

/// A walk along a stored chain with its checkpoints.
private struct ChainVerification {
    private let start: ChainEnd
    private let keys: AuditTextKeys
    private var walk: ChainWalk
    private(set) var checkpoints: CheckpointWalk
    private(set) var acts: ActWalk
    let labels: LabelWalk

    init(_ db: Database, _ evidence: ChainEvidence, keys: AuditTextKeys) throws {
        start = try db.tableExists("act") ? StoredAct.fetchPruned(db) : ChainHash.start
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
    mutating func run(_ db: Database) throws -> ChainFault? {
        let end = try ChainEnd.fetch(db)
        if let fault = checkpoints.step(at: walk.sequence, hash: walk.head) { return fault }
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM record ORDER BY sequence")
        while let row = try rows.next() {
            try Task.checkCancellation()
            let record = try ChainedRecord(row, db)
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
            if let fault = checkpoints.step(at: walk.sequence, hash: walk.head) { return fault }
        }
        guard let end else { return ChainFault(sequence: Int(walk.sequence), id: nil, kind: .unlinked) }
        return walk.end(at: end.sequence, hash: end.hash) ?? checkpoints.end(at: walk.sequence)
    }

    func report(_ fault: ChainFault?) -> ChainReport {
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
            unsealedLabels: labels.unsealed
        )
    }
}

/// Finds out what was done to a record that does not match its hash.
private struct ChainDiagnosis {
    private let db: Database
    private let start: ChainEnd
    /// The last good record before it.
    private let walk: ChainWalk
    private let keys: AuditTextKeys

    /// How far from where it stands a record's own place is looked for.
    private static let reach: Int64 = 1000

    init(_ db: Database, start: ChainEnd, after walk: ChainWalk, keys: AuditTextKeys) {
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
            let id = try String.fetchOne(db, sql: "SELECT id FROM record WHERE sequence = ?", arguments: [place])
            return ChainFault(sequence: Int(place), id: id, kind: .inserted, other: Int(row.sequence - 1))
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM record WHERE previous_hash = ?)"
        let isFollowerThere = try Bool.fetchOne(db, sql: sql, arguments: [walk.head]) ?? false
        if isFollowerThere { return moved }
        return ChainFault(sequence: Int(row.sequence), id: nil, kind: .missing, other: Int(place - 1))
    }

    /// The place that the record's hash was made for; nil when it matches none.
    private func writtenPlace(of row: ChainedRecord) throws -> Int64? {
        func isWritten(at place: Int64) -> Bool {
            ChainHash.of(row.record, sequence: place, previous: row.previousHash) == row.hash
        }
        let sql = "SELECT sequence FROM record WHERE hash = ?"
        if let before = try Int64.fetchOne(db, sql: sql, arguments: [row.previousHash]), isWritten(at: before + 1) {
            return before + 1
        }
        let places = (1...Self.reach).lazy.flatMap { [row.sequence - $0, row.sequence + $0] }
        return places.first { $0 > 0 && isWritten(at: $0) }
    }

    private func hash(at place: Int64) throws -> String? {
        if place == start.sequence { return start.hash }
        return try String.fetchOne(db, sql: "SELECT hash FROM record WHERE sequence = ?", arguments: [place])
    }
}

extension StoredCheckpoint {
    /// All of the store, in order of number; none in a file that an older version of the program wrote.
    static func fetchAll(_ db: Database) throws -> [StoredCheckpoint] {
        guard try db.tableExists("checkpoint") else { return [] }
        let sql = "SELECT number, sequence, line FROM checkpoint ORDER BY number"
        return try Row.fetchAll(db, sql: sql).map(StoredCheckpoint.init)
    }

    init(_ row: Row) { self.init(number: row["number"], sequence: row["sequence"], line: row["line"]) }
}
