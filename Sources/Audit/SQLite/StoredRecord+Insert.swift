import GRDB

extension StoredRecord {
    /// Adds the record and its children at a place in the chain.
    ///
    /// Runs inside the caller's transaction.
    func insert(_ db: Database, sequence: Int64, previousHash: String, hash: String) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO record (
                    sequence, id, time, direction, request_id, route, dialect, tenant, model, streamed, outcome, result,
                    cause, fail_mode, ending, status, released_characters, judging_ms, policy, policy_revision,
                    content_mode, decision, previous_hash, hash
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(
            arguments: [
                sequence, id, time, direction, requestID, route, dialect, tenant, model, streamed, outcome, result,
                cause, failMode, ending, status, releasedCharacters, judgingMilliseconds, policy, policyRevision,
                contentMode, decision, previousHash, hash,
            ]
        )
        try insertVerdicts(db, sequence: sequence)
        try insertContent(db, sequence: sequence)
    }

    private func insertVerdicts(_ db: Database, sequence: Int64) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO verdict (
                    record, place, rule, mode, outcome, score, flag_threshold, block_threshold, screened_out, error
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        for (place, verdict) in verdicts.enumerated() {
            try statement.execute(
                arguments: [
                    sequence, place, verdict.rule, verdict.mode, verdict.outcome, verdict.score, verdict.flagThreshold,
                    verdict.blockThreshold, verdict.screenedOut, verdict.error,
                ]
            )
        }
    }

    private func insertContent(_ db: Database, sequence: Int64) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO content (
                    record, place, role, kind, pointer, bytes, digest, text_digest, text, masked, note
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        for (place, part) in content.enumerated() {
            try statement.execute(
                arguments: [
                    sequence, place, part.role, part.kind, part.pointer, part.bytes, part.digest, part.textDigest,
                    part.text, part.masked, part.note,
                ]
            )
        }
    }
}
