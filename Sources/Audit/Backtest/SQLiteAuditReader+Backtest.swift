public import Foundation
import GRDB
public import Moderation

extension SQLiteAuditReader {
    /// Every policy of the history by its revision; those that can't be read back are left out.
    public func keptPolicies() async throws -> [String: PolicySet] {
        try await read { db in
            guard try db.tableExists("policy_set") else { return [:] }
            let rows = try Row.fetchAll(db, sql: "SELECT revision, rules FROM policy_set")
            return Dictionary(
                rows.compactMap { row in
                    (try? StoredJSON.value(PolicySet.self, from: row["rules"])).map { (row["revision"], $0) }
                }
            ) { first, _ in first }
        }
    }

    /// The records at some places, in order of place; those that are gone are left out.
    public func entries(at sequences: [Int64]) async throws -> [AuditEntry] {
        try await read { db in
            try sequences.compactMap { sequence in
                let statement = try db.cachedStatement(sql: "SELECT * FROM record WHERE sequence = ?")
                return try Row.fetchOne(statement, arguments: [sequence]).map {
                    try AuditEntry(ChainedRecord($0, db), keys: keys)
                }
            }
        }
    }

    /// Looks up where the records of a span of time are.
    public func scan(since: Date?, until: Date?, hasScreenScores: Bool) async throws -> any RecordedScan {
        try SQLiteRecordedScan(path: path, since: since, until: until, hasScreenScores: hasScreenScores)
    }

    /// The prompts that some answers belong to, by request.
    public func prompts(of requests: Set<String>) async throws -> [String: AuditEntry] {
        try await read { db in
            var prompts: [String: AuditEntry] = [:]
            for request in requests {
                let statement = try db.cachedStatement(
                    sql: "SELECT * FROM record WHERE request_id = ? AND direction = 'prompt' ORDER BY sequence LIMIT 1"
                )
                prompts[request] = try Row.fetchOne(statement, arguments: [request]).map {
                    try AuditEntry(ChainedRecord($0, db), keys: keys)
                }
            }
            return prompts
        }
    }
}

// MARK: - What a tried policy would have done

/// How often two policies came to the same pair of outcomes.
public struct CandidateCount: Sendable, Hashable {
    /// What was done.
    public var live: Outcome
    /// What the tried policy would have done.
    public var candidate: Outcome
    /// How many records.
    public var count: Int
}

extension SQLiteAuditReader {
    /// The policy that was tried last, by its revision; nil when none was.
    public func newestCandidate() async throws -> String? {
        try await read { db in
            guard try db.columns(in: "record").contains(where: { $0.name == "candidate_revision" }) else { return nil }
            let sql = """
                SELECT candidate_revision FROM record WHERE candidate_revision IS NOT NULL
                ORDER BY sequence DESC LIMIT 1
                """
            return try String.fetchOne(db, sql: sql)
        }
    }

    /// How the outcomes of a tried policy compare with what was done.
    public func candidateCounts(of revision: String, since: Date?, until: Date?) async throws -> [CandidateCount] {
        try await read { db in
            let sql = """
                SELECT outcome, candidate_outcome, count(*) FROM record
                WHERE candidate_revision = ? AND time >= ? AND time < ? GROUP BY 1, 2 ORDER BY 1, 2
                """
            let span = Self.span(revision, since, until)
            return try Row.fetchAll(db, sql: sql, arguments: span).map { row in
                guard let live = Outcome(rawValue: row[0]), let candidate = Outcome(rawValue: row[1]) else {
                    throw AuditError.unreadablePolicy(revision: revision)
                }
                return CandidateCount(live: live, candidate: candidate, count: row[2])
            }
        }
    }

    /// The decisions for which a tried policy would have done something else, in order of recording, each with its place.
    ///
    /// - Parameter body: given one decision after the other; none is kept.
    public func candidateDifferences(
        of revision: String,
        since: Date?,
        until: Date?,
        _ body: @escaping @Sendable (Int64, Decision) -> Void
    ) async throws {
        try await read { db in
            let sql = """
                SELECT sequence, id, decision FROM record
                WHERE candidate_revision = ? AND time >= ? AND time < ? AND candidate_outcome <> outcome ORDER BY sequence
                """
            let rows = try Row.fetchCursor(db, sql: sql, arguments: Self.span(revision, since, until))
            while let row = try rows.next() {
                guard let decision = try? StoredJSON.value(Decision.self, from: row["decision"]) else {
                    throw AuditError.unreadableRecord(id: row["id"])
                }
                body(row["sequence"], decision)
            }
        }
    }

    private static func span(_ revision: String, _ since: Date?, _ until: Date?) -> StatementArguments {
        [revision, since?.microseconds ?? Int64.min, until?.microseconds ?? Int64.max]
    }
}
