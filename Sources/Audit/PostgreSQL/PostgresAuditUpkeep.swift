package import Foundation

/// Looks after an audit store in PostgreSQL.
package struct PostgresAuditUpkeep: AuditUpkeep, AuditLabels, SavedQueryStore, SinkPositions {
    private let pool: PostgresPool

    init(_ pool: PostgresPool) { self.pool = pool }

    /// Changes what belongs to a chain, all or nothing, while no gateway adds to it.
    private func write<Value: Sendable>(
        _ chain: ChainScope,
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await pool.transact(isReading: false) { session in
            let session = PostgresSession(connection: session.connection, chain: chain)
            _ = try session.rows("SELECT writer FROM chain WHERE \(chain.condition) FOR UPDATE", [])
            return try body(session)
        }
    }

    private func chains() async throws -> [ChainScope] {
        try await pool.transact(isReading: true) { session in try session.chains.map(\.chain) }
    }

    package func checkpoint(key: AuditSigningKey, now: Date) async throws -> [Checkpoint] {
        var checkpoints: [Checkpoint] = []
        for chain in try await chains() {
            checkpoints.append(try await write(chain) { session in try Checkpoint.sign(session, key: key, time: now) })
        }
        return checkpoints
    }

    package func keep(_ draft: AuditActDraft, now: Date) async throws -> AuditAct {
        guard let chain = try await chains().first else { throw AuditError.lostChain }
        return try await write(chain) { session in
            var act = StoredAct(draft, after: try StoredAct.fetchEnd(session), time: now)
            try act.insert(session)
            return try AuditAct(act)
        }
    }

    package func erase(_ subject: ErasureSubject, by actor: String, key: AuditSigningKey?, now: Date) async throws
        -> UpkeepResult
    { throw AuditError.unavailableUpkeep }

    package func rekey(by actor: String, key: AuditSigningKey?, now: Date) async throws -> UpkeepResult {
        throw AuditError.unavailableUpkeep
    }

    package func retain(_ policy: RetentionPolicy, by actor: String, key: AuditSigningKey?, now: Date) async throws
        -> UpkeepResult
    { throw AuditError.unavailableUpkeep }

    package func prune(before time: Date, by actor: String, key: AuditSigningKey?, now: Date) async throws
        -> UpkeepResult
    { throw AuditError.unavailableUpkeep }

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
