import GRDB
public import Moderation

extension SQLiteAuditStore {
    /// Keeps an event and, where a policy is given, its rules and texts; returns when both are durable.
    ///
    /// - Throws: ``AuditError``.
    public func record(_ event: PolicyEvent, of policy: KeptPolicy?) async throws {
        let row = try policy.map { policy throws -> StoredPolicy in try StoredPolicy(policy) }
        do {
            try await pool.write { db in
                try event.save(db, row)
            }
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}
