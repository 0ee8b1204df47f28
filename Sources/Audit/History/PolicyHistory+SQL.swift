import Foundation
package import Moderation

extension PolicyEvent {
    /// Keeps the event and, where there is one, the policy.
    ///
    /// Runs inside the caller's transaction.
    func save(_ db: some StoreAccess, _ policy: StoredPolicy?) throws {
        try policy?.save(db)
        try db.change(
            "INSERT INTO policy_event (time, kind, revision, actor, note) VALUES (?, ?, ?, ?, ?)",
            [time.microseconds, kind.rawValue, revision, actor, note]
        )
    }
}

extension StoreReading {
    /// The newest events, newest first; none in a file that an older version of the program wrote.
    package func policyEvents(limit: Int) async throws -> [PolicyEvent] {
        try await read { db in
            guard try db.hasTable("policy_event") else { return [] }
            let sql = "SELECT time, kind, revision, actor, note FROM policy_event ORDER BY id DESC LIMIT ?"
            return try db.rows(sql, [limit]).map { row in
                let name: String = row["kind"]
                guard let kind = PolicyEvent.Kind(rawValue: name) else {
                    throw AuditError.unreadablePolicy(revision: row["revision"] ?? name)
                }
                return PolicyEvent(
                    time: Date(microseconds: row["time"]),
                    kind: kind,
                    revision: row["revision"],
                    actor: row["actor"],
                    note: row["note"]
                )
            }
        }
    }

    /// A policy that was kept, by its revision or a beginning of it that no other has.
    ///
    /// - Throws: ``AuditError/unknownPolicy(revision:)``, ``AuditError/ambiguousID(_:candidates:)``.
    package func keptPolicy(_ revision: String) async throws -> KeptPolicy {
        let prefix = revision.lowercased()
        guard prefix.utf8.count >= 4, prefix.allSatisfy({ $0.isHexDigit && $0.isASCII }) else {
            throw AuditError.unknownPolicy(revision: TerminalText.line(revision, limit: 64))
        }
        return try await read { db in
            guard try db.hasTable("policy_set") else { throw AuditError.unknownPolicy(revision: prefix) }
            // 'g' follows every hexadecimal digit.
            let sql =
                "SELECT revision, rules, files, first_seen FROM policy_set WHERE revision >= ? AND revision < ? LIMIT 3"
            let rows = try db.rows(sql, [prefix, prefix + "g"])
            guard let row = rows.first else { throw AuditError.unknownPolicy(revision: prefix) }
            guard rows.count == 1 else {
                throw AuditError.ambiguousID(prefix, candidates: rows.map { $0["revision"] })
            }
            return try StoredPolicy(row).kept
        }
    }
}

/// A policy in the very values that the store keeps.
struct StoredPolicy {
    var revision: String
    var name: String
    /// The compiled rules, as JSON.
    var rules: String
    /// Paths and texts, as JSON.
    var files: String
    /// Microseconds since 1970.
    var firstSeen: Int64

    init(_ policy: KeptPolicy) throws {
        revision = policy.policy.revision
        name = policy.policy.name
        rules = try StoredJSON.text(policy.policy)
        files = try StoredJSON.text(policy.files)
        firstSeen = policy.firstSeen.microseconds
    }

    init(_ row: some ColumnReading) {
        revision = row["revision"]
        name = ""
        rules = row["rules"]
        files = row["files"]
        firstSeen = row["first_seen"]
    }

    fileprivate func save(_ db: some StoreAccess) throws {
        try db.change(
            """
            INSERT INTO policy_set (revision, name, rules, files, first_seen) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (revision) DO UPDATE SET name = excluded.name, rules = excluded.rules, files = excluded.files
            """,
            [revision, name, rules, files, firstSeen]
        )
    }

    var kept: KeptPolicy {
        get throws {
            guard let policy = try? StoredJSON.value(PolicySet.self, from: rules),
                let files = try? StoredJSON.value([PolicySource].self, from: files)
            else { throw AuditError.unreadablePolicy(revision: revision) }
            return KeptPolicy(policy: policy, files: files, firstSeen: Date(microseconds: firstSeen))
        }
    }
}
