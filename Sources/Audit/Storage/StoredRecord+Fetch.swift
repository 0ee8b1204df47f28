import Foundation
import Moderation

extension StoredRecord {
    /// Reads a row of `record`, with its rows of other tables.
    init(_ row: some ColumnReading, verdicts: [StoredVerdict], content: [StoredContent]) {
        self.init(
            id: row["id"],
            time: row["time"],
            direction: row["direction"],
            requestID: row["request_id"],
            route: row["route"],
            dialect: row["dialect"],
            tenant: row["tenant"],
            model: row["model"],
            streamed: row["streamed"],
            outcome: row["outcome"],
            result: row["result"],
            cause: row["cause"],
            failMode: row["fail_mode"],
            ending: row["ending"],
            status: row["status"],
            releasedCharacters: row["released_characters"],
            judgingMilliseconds: row["judging_ms"],
            policy: row["policy"],
            policyRevision: row["policy_revision"],
            contentMode: row["content_mode"],
            decision: row["decision"],
            candidateRevision: row["candidate_revision"],
            candidateOutcome: row["candidate_outcome"],
            rules: row["rules"],
            client: row["client"],
            conversation: row["conversation"],
            verdicts: verdicts,
            content: content
        )
    }
}

extension StoredVerdict {
    /// Reads a row of `verdict`.
    init(_ row: some ColumnReading) {
        self.init(
            rule: row["rule"],
            mode: row["mode"],
            outcome: row["outcome"],
            score: row["score"],
            flagThreshold: row["flag_threshold"],
            blockThreshold: row["block_threshold"],
            screenedOut: row["screened_out"],
            error: row["error"]
        )
    }
}

extension StoredContent {
    /// Reads a row of `content`.
    init(_ row: some ColumnReading) {
        self.init(
            role: row["role"],
            kind: row["kind"],
            pointer: row["pointer"],
            bytes: row["bytes"],
            digest: row["digest"],
            textDigest: row["text_digest"],
            salt: row["salt"],
            text: row["text"],
            key: row["key"],
            masked: row["masked"],
            note: row["note"],
            erased: row["erased"]
        )
    }
}

extension AuditEntry {
    /// Reads a stored record back; a text whose key is not at hand is left out, and its entry says so.
    ///
    /// - Parameter keys: what texts are encrypted with.
    /// - Throws: ``AuditError/unreadableRecord(id:)`` when a value is none that this program writes.
    init(_ stored: ChainedRecord, keys: AuditTextKeys) throws(AuditError) {
        let record = stored.record
        guard var decision = try? StoredJSON.decision(from: record.decision),
            let ending = Ending(rawValue: record.ending),
            let contentMode = ContentMode(rawValue: record.contentMode)
        else { throw .unreadableRecord(id: record.id) }
        decision.time = Date(microseconds: record.time)
        var content: [KeptContent] = []
        for (number, part) in record.content.enumerated() {
            guard var kept = KeptContent(part) else { throw .unreadableRecord(id: record.id) }
            do {
                kept.text = try part.opened(by: keys, at: TextPlace(record: record.id, number: number))?.text
            } catch .missingTextKey(let id) {
                kept.lockedBy = id
            }
            content.append(kept)
        }
        self.init(
            sequence: Int(stored.sequence),
            chain: stored.chain,
            place: stored.place,
            decision: decision,
            requestID: record.requestID,
            route: record.route,
            dialect: record.dialect,
            tenant: record.tenant,
            client: record.client,
            conversation: record.conversation,
            model: record.model,
            streamed: record.streamed != 0,
            ending: ending,
            status: record.status.map(Int.init),
            releasedCharacters: record.releasedCharacters.map(Int.init),
            contentMode: contentMode,
            content: content,
            previousHash: stored.previousHash,
            hash: stored.hash
        )
    }
}

extension KeptContent {
    fileprivate init?(_ stored: StoredContent) {
        guard let role = Role(rawValue: stored.role),
            let kind = PartKind(rawValue: stored.kind),
            let masked = stored.masked == "[]" ? [] : try? StoredJSON.value([String].self, from: stored.masked)
        else { return nil }
        self.init(
            role: role,
            kind: kind,
            pointer: stored.pointer,
            bytes: Int(stored.bytes),
            digest: stored.digest,
            masked: masked,
            note: stored.note,
            erasedBy: stored.erased.map(Int.init)
        )
    }
}
