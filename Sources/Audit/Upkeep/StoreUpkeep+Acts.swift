package import Foundation

extension StoreUpkeep {
    /// Signs where each chain ends; gives the newest checkpoint where nothing was recorded after it.
    package func checkpoint(key: AuditSigningKey, now: Date) async throws -> [Checkpoint] {
        var checkpoints: [Checkpoint] = []
        for chain in try await chains() {
            checkpoints.append(try await write(chain) { db in try Checkpoint.sign(db, key: key, time: now) })
        }
        return checkpoints
    }

    /// Keeps that somebody did something, in the first chain; returns when that is durable.
    package func keep(_ draft: AuditActDraft, now: Date) async throws -> AuditAct {
        guard let chain = try await chains().first else { throw AuditError.lostChain }
        return try await write(chain) { db in
            var act = StoredAct(draft, after: try StoredAct.fetchEnd(db), time: now)
            try act.insert(db)
            return try AuditAct(act)
        }
    }
}
