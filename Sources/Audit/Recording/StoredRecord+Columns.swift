/// Takes the values of a new row one after the other.
protocol ColumnBinding {
    mutating func bind(_ text: String?)
    mutating func bind(_ integer: Int64?)
    mutating func bind(_ number: Double?)
}

extension StoredRecord {
    /// Columns of a new row of `record`, in the order of ``bind(to:sequence:previousHash:hash:)``.
    static let columns = """
        sequence, id, time, direction, request_id, route, dialect, tenant, model, streamed, outcome, result, \
        cause, fail_mode, ending, status, released_characters, judging_ms, policy, policy_revision, \
        content_mode, decision, previous_hash, hash, candidate_revision, candidate_outcome, rules, client, conversation
        """

    func bind(to row: inout some ColumnBinding, sequence: Int64, previousHash: String, hash: String) {
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
    }
}

extension StoredVerdict {
    /// Columns of a new row of `verdict`.
    static let columns = """
        record, place, rule, mode, outcome, score, flag_threshold, block_threshold, screened_out, error
        """

    func bind(to row: inout some ColumnBinding, record: Int64, place: Int) {
        row.bind(record)
        row.bind(Int64(place))
        row.bind(rule)
        row.bind(mode)
        row.bind(outcome)
        row.bind(score)
        row.bind(flagThreshold)
        row.bind(blockThreshold)
        row.bind(screenedOut)
        row.bind(error)
    }
}

extension StoredContent {
    /// Columns of a new row of `content`.
    static let columns = """
        record, place, role, kind, pointer, bytes, digest, text_digest, salt, text, masked, note, key
        """

    func bind(to row: inout some ColumnBinding, record: Int64, place: Int) {
        row.bind(record)
        row.bind(Int64(place))
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
    }
}
