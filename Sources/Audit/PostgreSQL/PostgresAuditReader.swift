package import Foundation

/// Asks an audit store in PostgreSQL; never writes to it.
package struct PostgresAuditReader: StoreReading {
    private let pool: PostgresPool

    /// What kept texts are encrypted with.
    package var keys: AuditTextKeys { pool.keys }

    /// Reads a store; the first question connects.
    init(_ pool: PostgresPool) { self.pool = pool }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> Value) async throws
        -> Value
    { try await pool.transact(isReading: true, body) }

    package func verify(_ evidence: ChainEvidence) async throws -> ChainReport {
        try await read { session in
            let chains = try session.chains
            let stores = Set(try chains.compactMap { try ChainEnd.fetchStore($0) })
            var reports: [ChainReport] = []
            for (place, chain) in chains.enumerated() {
                // Whose chain a published checkpoint is of its store's id says; one of no chain that is there is nobody's.
                let store = try ChainEnd.fetchStore(chain)
                var known = evidence
                known.checkpoints = evidence.checkpoints.filter { checkpoint in
                    checkpoint.store == store || place == 0 && !stores.contains(checkpoint.store)
                }
                var report = try ChainVerification.report(chain, known, keys: keys)
                // Numbers have no gaps, so a chain that is taken out leaves one.
                if chain.chain.number != place + 1, report.fault == nil {
                    report.fault = ChainFault(sequence: 1, id: nil, kind: .missing)
                }
                report.fault?.chain = chain.chain.number
                reports.append(report)
            }
            return ChainReport(reports)
        }
    }

    package func scan(since: Date?, until: Date?, hasScreenScores: Bool) async throws -> any RecordedScan {
        try await PostgresRecordedScan(pool, since: since, until: until, hasScreenScores: hasScreenScores)
    }
}
