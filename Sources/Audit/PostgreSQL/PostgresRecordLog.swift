import Foundation
import Synchronization

/// The end of one chain of a store in PostgreSQL.
///
/// A gateway takes a chain that no other holds, or a new one, for as long as its connection lasts. A connection that breaks is
/// made anew: for a moment while records wait, then ever less often, and they are refused meanwhile.
final class PostgresRecordLog: RecordLog {
    let address: PostgresAddress
    private let sealing: AuditSealing?
    private let state: Mutex<State>

    /// How long records wait for a connection that has just broken.
    private static let patience = Duration.seconds(2)
    /// How long the server may say nothing while records wait.
    static let silence = Duration.seconds(15)
    /// Places that a transaction takes of the order of the store.
    private static let block: Int64 = 256

    fileprivate struct State {
        var connection: PostgresConnection?
        var writer: Int?
        /// Months that have partitions.
        var months: Set<PostgresMonth> = []
        /// Why there is no connection, and for how long none is tried; nil while all is well.
        var absence: Absence?
    }

    /// Takes a chain of a store whose tables are up to date.
    init(_ connection: PostgresConnection, sealing: AuditSealing?) throws {
        address = connection.address
        self.sealing = sealing
        var state = State()
        try Self.take(connection, &state)
        self.state = Mutex(state)
    }

    var name: String { address.description }

    func write(_ body: (_ add: (StoredRecord) throws -> Void) throws -> Void) throws -> [AuditError?] {
        var records: [StoredRecord] = []
        try body { records.append($0.withoutNull) }
        do {
            return try state.withLock { state in try Self.write(records, sealing, address, &state) }
        } catch {
            throw AuditError.of(error, address: address)
        }
    }

    /// Signs a last checkpoint and lets the chain go.
    func close() throws {
        do {
            try state.withLock { state in
                defer { state.connection = nil }
                guard let sealing, let session = state.session else { return }
                try Self.transact(session.connection) {
                    try Self.lockChain(session)
                    try sealing.sealRest(session)
                }
            }
        } catch {
            throw AuditError.of(error, address: address)
        }
    }
}

// MARK: - Connecting

extension PostgresRecordLog {
    /// Writes with as many connections as it takes, within the time that records may wait.
    private static func write(
        _ records: [StoredRecord],
        _ sealing: AuditSealing?,
        _ address: PostgresAddress,
        _ state: inout State
    ) throws -> [AuditError?] {
        let start = ContinuousClock.now
        let isAway = state.absence != nil
        var batch = RecordBatch(records)
        while true {
            do {
                try connect(address, &state)
                try add(&batch, sealing, &state)
                state.absence = nil
                return batch.refusals
            } catch let failure as PostgresFailure where failure.isOfConnection {
                if state.connection != nil || state.absence == nil { state.noteLoss(failure) }
                guard !isAway, let end = state.absence?.end, end - start < patience else { throw failure }
                Thread.sleep(forTimeInterval: max(0, (end - .now) / .seconds(1)))
            }
        }
    }

    private static func connect(_ address: PostgresAddress, _ state: inout State) throws {
        guard state.connection == nil else { return }
        if let absence = state.absence, absence.end > .now { throw absence.failure }
        do {
            try take(PostgresConnection(address, patience: silence), &state)
        } catch let failure as PostgresFailure where failure.isOfConnection {
            state.noteLoss(failure)
            throw failure
        }
    }

    /// Takes a chain that nobody holds, the one that was held before if it can be had.
    private static func take(_ connection: PostgresConnection, _ state: inout State) throws {
        let session = PostgresSession(connection: connection, chain: .only)
        let holder = "\(ProcessInfo.processInfo.hostName) \(ProcessInfo.processInfo.processIdentifier)"
        let now = Date().microseconds
        try transact(connection) {
            try connection.run("SELECT \(PostgresSchema.lock)")
            let known = try session.rows("SELECT writer FROM chain ORDER BY writer <> ?, writer", [state.writer ?? 0])
            var writer = try known.lazy.map { row -> Int in row["writer"] }.first { try hold($0, session) }
            if writer == nil {
                let number = known.count + 1
                try session.change(
                    """
                    INSERT INTO chain (writer, store, sequence, hash, created, opened, holder) VALUES (?, ?, 0, ?, ?, ?, ?)
                    """,
                    [number, UUID().uuidString.lowercased(), ChainHash.genesis, now, now, holder]
                )
                _ = try hold(number, session)
                writer = number
            }
            try session.change("UPDATE chain SET opened = ?, holder = ? WHERE writer = ?", [now, holder, writer])
            state.writer = writer
        }
        state.connection = connection
    }

    /// Whether this connection now holds a chain; the server lets go of it when the connection ends.
    private static func hold(_ writer: Int, _ session: PostgresSession) throws -> Bool {
        // Another key than that of the schema: two numbers make one of their own.
        let row = try session.rows(
            "SELECT CASE WHEN pg_try_advisory_lock(1195917653, ?) THEN 1 ELSE 0 END AS held",
            [writer]
        )
        return row.first?["held"] == 1
    }

    private static func transact(_ connection: PostgresConnection, _ body: () throws -> Void) throws {
        try connection.run("BEGIN")
        do {
            try body()
            try connection.run("COMMIT")
        } catch {
            _ = try? connection.run("ROLLBACK")
            throw error
        }
    }

    private static func lockChain(_ session: PostgresSession) throws {
        _ = try session.rows("SELECT writer FROM chain WHERE \(session.chain.condition) FOR UPDATE", [])
    }
}

extension PostgresRecordLog.State {
    fileprivate var session: PostgresSession? {
        guard let connection, let writer else { return nil }
        return PostgresSession(connection: connection, chain: .writer(writer))
    }

    fileprivate mutating func noteLoss(_ failure: PostgresFailure) {
        connection = nil
        absence?.extend(failure, now: .now)
        absence = absence ?? Absence(failure, now: .now)
    }
}

// MARK: - Writing

/// Records of one transaction, and what becomes of each.
private struct RecordBatch {
    let records: [StoredRecord]
    /// Why a record was refused.
    private(set) var refusals: [AuditError?]
    /// Records that are in the store already.
    private var known: Set<String> = []
    /// Records of transactions of which nobody knows whether they were committed.
    private var doubtful: Set<String> = []

    init(_ records: [StoredRecord]) {
        self.records = records
        refusals = Array(repeating: nil, count: records.count)
        var ids: Set<String> = []
        for (place, record) in records.enumerated() where !ids.insert(record.id).inserted {
            refusals[place] = .duplicateID(record.id)
        }
    }

    /// Those that are to be written.
    var open: [StoredRecord] {
        zip(records, refusals).filter { $1 == nil && !known.contains($0.id) }.map(\.0)
    }

    mutating func doubt() { doubtful.formUnion(open.map(\.id)) }

    /// Takes note of records that are there: refused, unless a transaction of this very batch had put them there.
    mutating func note(_ ids: Set<String>) {
        known.formUnion(ids)
        for (place, record) in records.enumerated() where ids.contains(record.id) && !doubtful.contains(record.id) {
            refusals[place] = .duplicateID(record.id)
        }
    }
}

extension PostgresRecordLog {
    /// Adds the records at the end of the chain, in one transaction.
    private static func add(_ batch: inout RecordBatch, _ sealing: AuditSealing?, _ state: inout State) throws {
        guard let session = state.session else { throw PostgresFailure.lost("there is no connection") }
        let connection = session.connection
        try makePartitions(batch.records, connection, &state)
        var areMonthsNew = false
        while true {
            let records = batch.open
            if records.isEmpty { return }
            do {
                try connection.run("BEGIN")
                try insert(records, session, sealing)
            } catch let failure as PostgresFailure where failure.isDuplicate {
                try connection.run("ROLLBACK")
                let known = try known(records, session)
                // Somebody else's transaction may have put one there and taken it back since; then it is tried again.
                batch.note(known)
                continue
            } catch let failure as PostgresFailure where failure.isMissingPartition && !areMonthsNew {
                // Somebody dropped one that had no record any more.
                try connection.run("ROLLBACK")
                state.months = []
                try makePartitions(batch.records, connection, &state)
                areMonthsNew = true
                continue
            } catch {
                _ = try? connection.run("ROLLBACK")
                throw error
            }
            do {
                try connection.run("COMMIT")
                return
            } catch let failure {
                batch.doubt()
                throw failure
            }
        }
    }

    private static func insert(_ records: [StoredRecord], _ session: PostgresSession, _ sealing: AuditSealing?) throws {
        let sql = """
            SELECT sequence, hash, nextval('block') AS block,
                coalesce((SELECT max(k.sequence) FROM checkpoint k WHERE k.writer = c.writer), 0) AS sealed
            FROM chain c WHERE \(session.chain.condition) FOR UPDATE
            """
        guard let row = try session.rows(sql, []).first else { throw AuditError.lostChain }
        var end = ChainEnd(sequence: row["sequence"], hash: row["hash"])
        let sealed: Int64 = row["sealed"]
        let block: Int64 = row["block"]
        var (rows, verdicts, contents) = (CopyRows(), CopyRows(), CopyRows())
        for (place, record) in records.enumerated() {
            let sequence = end.sequence + 1
            let hash = ChainHash.of(record, sequence: sequence, previous: end.hash)
            let key = block * Self.block + Int64(place)
            rows.add { row in
                row.bind(Int64(session.chain.number))
                row.bind(sequence)
                record.bind(to: &row, sequence: key, previousHash: end.hash, hash: hash)
            }
            for (place, verdict) in record.verdicts.enumerated() {
                verdicts.add { row in
                    row.bind(record.time)
                    verdict.bind(to: &row, record: key, place: place)
                }
            }
            for (place, part) in record.content.enumerated() {
                contents.add { row in
                    row.bind(record.time)
                    part.bind(to: &row, record: key, place: place)
                }
            }
            end = ChainEnd(sequence: sequence, hash: hash)
        }
        for (table, columns, rows) in [
            ("record", "writer, writer_sequence, " + StoredRecord.columns, rows),
            ("verdict", "time, " + StoredVerdict.columns, verdicts),
            ("content", "time, " + StoredContent.columns, contents),
        ] where rows.count > 0 {
            try session.connection.copy("COPY \(table) (\(columns)) FROM STDIN (FORMAT binary)", rows.bytes)
        }
        try session.change(
            "UPDATE chain SET sequence = ?, hash = ? WHERE \(session.chain.condition)",
            [end.sequence, end.hash]
        )
        if let sealing, end.sequence - sealed >= Int64(sealing.interval) { try sealing.seal(session) }
    }

    /// Which of the records are in the store.
    private static func known(_ records: [StoredRecord], _ session: PostgresSession) throws -> Set<String> {
        let times = records.map(\.time)
        let sql = "SELECT id FROM record WHERE id = ANY(?) AND time BETWEEN ? AND ?"
        let ids = "{\(records.map(\.id).joined(separator: ","))}"
        return Set(try session.rows(sql, [ids, times.min(), times.max()]).map { row -> String in row["id"] })
    }

    /// Makes the partitions that the records need, and those of this month and the next.
    private static func makePartitions(
        _ records: [StoredRecord],
        _ connection: PostgresConnection,
        _ state: inout State
    ) throws {
        let month = PostgresMonth(Date().microseconds)
        let missing = Set(records.map { PostgresMonth($0.time) } + [month, month.next]).subtracting(state.months)
        guard !missing.isEmpty else { return }
        try PostgresPartition.make(missing, connection)
        state.months.formUnion(missing)
    }
}
