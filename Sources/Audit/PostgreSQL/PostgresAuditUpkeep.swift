package import Foundation

/// Looks after an audit store in PostgreSQL.
package struct PostgresAuditUpkeep: StoreUpkeep, AuditLabels, SavedQueryStore, SinkPositions {
    private let pool: PostgresPool

    package var reader: PostgresAuditReader { PostgresAuditReader(pool) }
    package var keys: AuditTextKeys { pool.keys }

    init(_ pool: PostgresPool) { self.pool = pool }

    package func write<Value: Sendable>(
        _ chain: ChainScope,
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await pool.transact(isReading: false) { session in
            let session = session.scoped(to: chain)
            _ = try session.rows("SELECT writer FROM chain WHERE \(chain.condition) FOR UPDATE", [])
            return try body(session)
        }
    }

    package func finishDeletion() async throws {
        try await pool.use { connection in try PostgresPartition.dropEmpty(connection) }
    }

    /// How often dead rows are tried to be removed, and how long others are let do their work between, in milliseconds.
    private static let (attempts, patience) = (25, 200)

    /// Removes the dead rows of texts and notes, which nobody has to wait for.
    package func sweep() async throws -> Bool {
        for _ in 0..<Self.attempts {
            if try await pool.use({ try PostgresPartition.sweep($0) }) { return true }
            try await Task.sleep(for: .milliseconds(Self.patience))
        }
        return false
    }

    /// Writes a row as it is, which PostgreSQL writes anew all the same.
    package func probe() async throws {
        try await pool.transact(isReading: false) { session in
            _ = try session.change("UPDATE migration SET name = name", [])
        }
    }

    package func savedQueries() async throws -> [SavedQuery] {
        try await pool.transact(isReading: true) { session in try SavedQuery.fetchAll(session) }
    }

    package func save(_ query: SavedQuery) async throws {
        try await pool.transact(isReading: false) { session in try query.insert(session) }
    }

    package func deleteQuery(_ name: String) async throws {
        _ = try await query(name)
        try await pool.transact(isReading: false) { session in try SavedQuery.delete(session, name) }
    }

    package func position(of sink: String) async throws -> AuditPosition? {
        try await pool.transact(isReading: true) { session in try AuditPosition.fetch(session, of: sink) }
    }

    package func save(_ position: AuditPosition, of sink: String) async throws {
        try await pool.transact(isReading: false) { session in try position.save(session, of: sink) }
    }

    package func add(
        _ finding: AuditLabel.Finding,
        to id: String,
        rule: String?,
        note: String?,
        actor: String,
        time: Date
    ) async throws -> AuditLabel {
        let prefix = try DecisionPrefix(id)
        // The label goes into the chain of the decision's own gateway.
        let number = try await pool.transact(isReading: true) { session in try prefix.record(session).chain }
        return try await write(.writer(number)) { session in
            try AuditLabel.add(session, finding, to: prefix, rule: rule, note: note, actor: actor, time: time)
        }
    }
}
