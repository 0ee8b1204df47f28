import GRDB

extension StoredRecord {
    /// Adds the record and its children at a place in the chain.
    ///
    /// Runs inside the caller's transaction.
    ///
    /// - Returns: false, with nothing added, when a record with its id is there already.
    func insert(_ db: Database, sequence: Int64, previousHash: String, hash: String) throws -> Bool {
        var row = try Insertion(
            db,
            sql: """
                INSERT INTO record (
                    sequence, id, time, direction, request_id, route, dialect, tenant, model, streamed, outcome, result,
                    cause, fail_mode, ending, status, released_characters, judging_ms, policy, policy_revision,
                    content_mode, decision, previous_hash, hash, candidate_revision, candidate_outcome, rules,
                    client, conversation
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO NOTHING
                """
        )
        row.bind(sequence)
        row.bind(id)
        row.bind(time)
        row.bind(direction)
        row.bind(requestID)
        row.bind(route)
        row.bind(dialect)
        row.bind(tenant)
        row.bind(model)
        row.bind(streamed)
        row.bind(outcome)
        row.bind(result)
        row.bind(cause)
        row.bind(failMode)
        row.bind(ending)
        row.bind(status)
        row.bind(releasedCharacters)
        row.bind(judgingMilliseconds)
        row.bind(policy)
        row.bind(policyRevision)
        row.bind(contentMode)
        row.bind(decision)
        row.bind(previousHash)
        row.bind(hash)
        row.bind(candidateRevision)
        row.bind(candidateOutcome)
        row.bind(rules)
        row.bind(client)
        row.bind(conversation)
        guard try row.run() else { return false }
        for (place, verdict) in verdicts.enumerated() { try verdict.insert(db, record: sequence, place: Int64(place)) }
        for (place, part) in content.enumerated() { try part.insert(db, record: sequence, place: Int64(place)) }
        return true
    }
}

extension StoredVerdict {
    fileprivate func insert(_ db: Database, record: Int64, place: Int64) throws {
        var row = try Insertion(
            db,
            sql: """
                INSERT INTO verdict (
                    record, place, rule, mode, outcome, score, flag_threshold, block_threshold, screened_out, error
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        row.bind(record)
        row.bind(place)
        row.bind(rule)
        row.bind(mode)
        row.bind(outcome)
        row.bind(score)
        row.bind(flagThreshold)
        row.bind(blockThreshold)
        row.bind(screenedOut)
        row.bind(error)
        try row.run()
    }
}

extension StoredContent {
    fileprivate func insert(_ db: Database, record: Int64, place: Int64) throws {
        var row = try Insertion(
            db,
            sql: """
                INSERT INTO content (
                    record, place, role, kind, pointer, bytes, digest, text_digest, salt, text, masked, note, key
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        row.bind(record)
        row.bind(place)
        row.bind(role)
        row.bind(kind)
        row.bind(pointer)
        row.bind(bytes)
        row.bind(digest)
        row.bind(textDigest)
        row.bind(salt)
        row.bind(text)
        row.bind(masked)
        row.bind(note)
        row.bind(key)
        try row.run()
    }
}
