import Moderation

extension AuditJSON {
    /// What `JSONEncoder` would write of a record alone, in a small part of its time: exports and sinks write millions.
    static func text(_ entry: AuditEntry) -> String {
        var json = JSONBytes(isSnakeCase: true)
        json.append(entry)
        return json.text
    }
}

// Keys are in order.
extension JSONBytes {
    fileprivate mutating func append(_ entry: AuditEntry) {
        let decision = entry.decision
        open("{")
        if let candidate = decision.candidate {
            key("candidate")
            append(candidate)
        }
        member("cause", decision.cause.rawValue)
        key("chain")
        open("{")
        member("hash", entry.hash)
        member("previous", entry.previousHash)
        member("sequence", entry.sequence)
        close("}")
        member("channel", decision.channel)
        if let classifier = decision.classifier {
            key("classifier")
            append(classifier)
        }
        member("client", entry.client)
        member("content", entry.content) { $0.append($1) }
        member("content_mode", entry.contentMode.rawValue)
        member("conversation", entry.conversation)
        member("coverage", decision.coverage) { $0.append($1) }
        member("dialect", entry.dialect)
        member("direction", decision.direction.rawValue)
        member("ending", entry.ending.rawValue)
        member("fail_mode", decision.failMode.rawValue)
        member("id", decision.id.description)
        member("judging_ms", decision.judgingMilliseconds)
        member("model", entry.model)
        member("outcome", decision.outcome.rawValue)
        member("policy", decision.policy)
        member("policy_revision", decision.policyRevision)
        member("released_characters", entry.releasedCharacters)
        member("request_id", entry.requestID)
        member("restored", decision.restored)
        member("result", entry.result.rawValue)
        member("route", entry.route)
        member("rules", decision.verdicts) { $0.append($1) }
        member("screen_score", decision.screenScore)
        member("status", entry.status)
        member("streamed", entry.streamed)
        member("tenant", entry.tenant)
        member("time", AuditTime.full(decision.time))
        close("}")
    }

    private mutating func append(_ content: KeptContent) {
        open("{")
        member("bytes", content.bytes)
        member("digest", content.digest)
        member("erased_by", content.erasedBy)
        member("kind", content.kind.rawValue)
        member("locked_by", content.lockedBy)
        member("masked", content.masked)
        member("note", content.note)
        member("pointer", content.pointer)
        member("role", content.role.rawValue)
        member("text", content.text)
        close("}")
    }
}
