import Foundation
import Moderation

/// A reader whose store understands SQL: most questions are asked in the same words.
package protocol StoreReading: AuditReader {
    associatedtype Access: StoreAccess

    /// What kept texts are encrypted with.
    var keys: AuditTextKeys { get }

    /// Asks questions that all see the records of one moment.
    ///
    /// - Throws: ``AuditError``, or `CancellationError`.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Access) throws -> Value) async throws -> Value
}

extension StoreReading {
    package func list(_ filter: AuditFilter, limit: Int, after cursor: AuditCursor?) async throws -> AuditPage {
        let limit = max(1, limit)
        return try await read { db in
            let stored = try db.list(filter, after: cursor, limit: limit + 1)
            // One row more than asked for tells whether a next page exists.
            let next = stored.count > limit ? AuditCursor(sequence: stored[limit - 1].place) : nil
            return AuditPage(entries: try stored.prefix(limit).map { try AuditEntry($0, keys: keys) }, next: next)
        }
    }

    package func plan(_ filter: AuditFilter, limit: Int, after cursor: AuditCursor?) async throws -> String {
        try await read { db in try db.plan(filter, after: cursor, limit: max(1, limit) + 1) }
    }

    package func position() async throws -> AuditPosition {
        try await read { db in
            var position = AuditPosition.start
            for db in try db.chains { position[db.chain.number] = try ChainEnd.fetch(db)?.sequence ?? 0 }
            return position
        }
    }

    package func records(after position: AuditPosition, _ filter: AuditFilter, limit: Int) async throws -> AuditStretch
    {
        let limit = max(1, limit)
        return try await read { db in
            var stored: [ChainedRecord] = []
            var end = position
            for db in try db.chains where stored.count < limit {
                let chain = db.chain.number
                let last = try ChainEnd.fetch(db)?.sequence ?? 0
                guard last > position[chain] else { continue }
                stored += try db.following(filter, after: position[chain], limit: limit - stored.count)
                end[chain] = stored.count < limit ? last : stored.last?.sequence ?? last
            }
            let entries = try stored.sorted { $0.place < $1.place }.map { try AuditEntry($0, keys: keys) }
            return AuditStretch(entries: entries, end: end)
        }
    }

    package func entry(_ id: String) async throws -> AuditEntry {
        let prefix = try DecisionPrefix(id)
        return try await read { db in try AuditEntry(prefix.record(db), keys: keys) }
    }

    package func kept(of subject: ErasureSubject) async throws -> KeptOfSubject {
        try await read { db in
            let subject = try subject.resolved(db)
            switch subject {
            case .conversation: try db.checkColumn("conversation")
            case .client: try db.checkColumn("client")
            case .request, .decision, .tenant, .channel: break
            }
            let condition = subject.condition(db.dialect)
            let sql = """
                SELECT count(DISTINCT c.record) AS records, count(*) AS texts
                FROM record r JOIN content c ON \(db.dialect.belongs("c"))
                WHERE \(condition.sql) AND c.text IS NOT NULL
                """
            let row = try db.rows(sql, [condition.argument]).first
            return KeptOfSubject(
                subject: subject.description,
                records: row?["records"] ?? 0,
                texts: row?["texts"] ?? 0
            )
        }
    }

    package func checkpoints(limit: Int) async throws -> [Checkpoint] {
        try await read { db in
            guard try db.hasTable("checkpoint") else { return [] }
            let chains = try db.chains
            let lines = try chains.flatMap { db in
                let condition = db.chain.condition
                let sql = "SELECT line FROM checkpoint WHERE \(condition) ORDER BY number DESC LIMIT \(max(1, limit))"
                return try db.rows(sql, []).map { row -> String in row["line"] }
            }
            let found = lines.compactMap { try? Checkpoint(line: $0) }
            return Array(found.sorted { chains.count > 1 && $0.time > $1.time }.prefix(max(1, limit)))
        }
    }

    package func acts(_ filter: ActFilter, limit: Int, after position: AuditPosition?) async throws -> ActPage {
        try await read { db in try ActPage(db.chains, filter, limit: limit, after: position) }
    }

    package func review(_ filter: AuditFilter, margin: Double, limit: Int) async throws -> [ReviewItem] {
        try await read { db in
            var filter = filter
            filter.label = LabelFilter.none
            let conditions = try Conditions(filter, db)
            let sql = """
                SELECT * FROM (
                    SELECT r.*, (\(Self.distance(db.dialect))) AS distance FROM record r\(conditions.clause)
                ) AS near WHERE outcome IN ('flag', 'redact') OR distance <= ?
                ORDER BY distance IS NULL, distance, sequence DESC LIMIT \(max(1, limit))
                """
            return try db.records(sql, conditions.arguments + [margin]).map {
                ReviewItem(try AuditEntry($0, keys: keys))
            }
        }
    }

    /// How near the scores of a record came to a threshold; NULL where there is none.
    private static func distance(_ dialect: SQLDialect) -> String {
        """
        SELECT min(\(dialect.least)(
            abs(v.score - coalesce(v.flag_threshold, v.block_threshold)),
            abs(v.score - coalesce(v.block_threshold, v.flag_threshold))
        )) FROM verdict v WHERE \(dialect.belongs("v")) AND v.score IS NOT NULL AND v.mode = 'enforce'
        """
    }
}

/// An id of a decision, or enough of the beginning of it.
struct DecisionPrefix: Sendable {
    private let text: String

    /// - Throws: ``AuditError/badID(_:)``.
    init(_ id: String) throws(AuditError) {
        text = id.lowercased()
        let isPlausible =
            (4...36).contains(text.utf8.count) && text.allSatisfy { $0.isHexDigit && $0.isASCII || $0 == "-" }
        guard isPlausible else { throw .badID(id) }
    }

    /// The only record whose id begins so.
    ///
    /// - Throws: ``AuditError/unknownID(_:)``, ``AuditError/ambiguousID(_:candidates:)``.
    func record(_ db: some StoreAccess) throws -> ChainedRecord {
        // 'g' follows every character of an id.
        let sql = "SELECT * FROM record WHERE id >= ? AND id < ? ORDER BY id LIMIT 3"
        let records = try db.records(sql, [text, text + "g"])
        guard let record = records.first else { throw AuditError.unknownID(text) }
        guard records.count == 1 else {
            throw AuditError.ambiguousID(text, candidates: records.map(\.record.id))
        }
        return record
    }
}
