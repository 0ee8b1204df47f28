package import Foundation
public import Moderation

extension StoreReading {
    /// Every policy of the history by its revision; those that can't be read back are left out.
    package func keptPolicies() async throws -> [String: PolicySet] {
        try await read { db in
            guard try db.hasTable("policy_set") else { return [:] }
            let rows = try db.rows("SELECT revision, rules FROM policy_set", [])
            return Dictionary(
                rows.compactMap { row in
                    (try? StoredJSON.value(PolicySet.self, from: row["rules"])).map { (row["revision"], $0) }
                }
            ) { first, _ in first }
        }
    }

    /// The records at some places, in order of place; those that are gone are left out.
    package func entries(at places: [Int64]) async throws -> [AuditEntry] {
        try await read { db in
            try places.compactMap { place in
                try db.records("SELECT * FROM record WHERE sequence = ?", [place]).first.map {
                    try AuditEntry($0, keys: keys)
                }
            }
        }
    }

    /// The prompts that some answers belong to, by request.
    package func prompts(of requests: Set<String>) async throws -> [String: AuditEntry] {
        try await read { db in
            var prompts: [String: AuditEntry] = [:]
            for request in requests { prompts[request] = try AuditEntry.prompt(db, of: request, keys: keys) }
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

extension StoreReading {
    /// The policy that was tried last, by its revision; nil when none was.
    package func newestCandidate() async throws -> String? {
        try await read { db in
            guard try db.hasTable("policy_set") else { return nil }
            let sql = """
                SELECT candidate_revision FROM record WHERE candidate_revision IS NOT NULL
                ORDER BY sequence DESC LIMIT 1
                """
            return try db.rows(sql, []).first?["candidate_revision"]
        }
    }

    /// How the outcomes of a tried policy compare with what was done.
    package func candidateCounts(of revision: String, since: Date?, until: Date?) async throws -> [CandidateCount] {
        try await read { db in
            let sql = """
                SELECT outcome, candidate_outcome, count(*) AS records FROM record
                WHERE candidate_revision = ? AND time >= ? AND time < ? GROUP BY outcome, candidate_outcome ORDER BY outcome, candidate_outcome
                """
            let span = Self.span(revision, since, until)
            return try db.rows(sql, span).map { row in
                guard let live = Outcome(rawValue: row["outcome"]),
                    let candidate = Outcome(rawValue: row["candidate_outcome"])
                else {
                    throw AuditError.unreadablePolicy(revision: revision)
                }
                return CandidateCount(live: live, candidate: candidate, count: row["records"])
            }
        }
    }

    /// The decisions for which a tried policy would have done something else, in order of recording, each with its place.
    ///
    /// - Parameter body: given one decision after the other; none is kept.
    package func candidateDifferences(
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
            try db.each(sql, Self.span(revision, since, until)) { row in
                guard let decision = try? StoredJSON.value(Decision.self, from: row["decision"]) else {
                    throw AuditError.unreadableRecord(id: row["id"])
                }
                body(row["sequence"], decision)
                return true
            }
        }
    }

    private static func span(_ revision: String, _ since: Date?, _ until: Date?) -> SQLArguments {
        [revision, since?.microseconds ?? Int64.min, until?.microseconds ?? Int64.max]
    }
}
