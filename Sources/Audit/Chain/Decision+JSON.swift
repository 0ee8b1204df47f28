import Foundation
import Moderation

extension StoredJSON {
    /// A decision: what `JSONEncoder` would write, in a small part of its time.
    static func text(_ decision: Decision) -> String {
        var json = JSONBytes()
        json.append(decision)
        return json.text
    }

    /// A list of strings.
    static func text(_ strings: [String]) -> String {
        var json = JSONBytes()
        json.append(strings)
        return json.text
    }
}

// MARK: - A decision's parts

extension JSONBytes {
    mutating func append(_ decision: Decision) {
        open("{")
        if let candidate = decision.candidate {
            key("candidate")
            append(candidate)
        }
        member("cause", decision.cause.rawValue)
        member("channel", decision.channel)
        if let classifier = decision.classifier {
            key("classifier")
            append(classifier)
        }
        member("coverage", decision.coverage) { $0.append($1) }
        member("direction", decision.direction.rawValue)
        member("failMode", decision.failMode.rawValue)
        member("id", decision.id.description)
        member("judgingMilliseconds", decision.judgingMilliseconds)
        member("observed", decision.observed)
        member("outcome", decision.outcome.rawValue)
        member("policy", decision.policy)
        member("policyRevision", decision.policyRevision)
        member("restored", decision.restored)
        member("screenScore", decision.screenScore)
        member("time", decision.time.timeIntervalSinceReferenceDate)
        member("verdicts", decision.verdicts) { $0.append($1) }
        close("}")
    }

    mutating func append(_ candidate: CandidateDecision) {
        open("{")
        member("cause", candidate.cause.rawValue)
        member("outcome", candidate.outcome.rawValue)
        member("policy", candidate.policy)
        member(isSnakeCase ? "policy_revision" : "policyRevision", candidate.policyRevision)
        member("verdicts", candidate.verdicts) { $0.append($1) }
        close("}")
    }

    mutating func append(_ classifier: ClassifierIdentity) {
        open("{")
        member(isSnakeCase ? "adapter_digest" : "adapterDigest", classifier.adapterDigest)
        member("model", classifier.model)
        member(isSnakeCase ? "model_digest" : "modelDigest", classifier.modelDigest)
        member("template", classifier.template)
        close("}")
    }

    mutating func append(_ coverage: Coverage) {
        open("{")
        key("bytes")
        append(coverage.bytes)
        member("kind", coverage.kind.rawValue)
        member("pointer", coverage.pointer)
        member("reason", coverage.reason)
        member("state", coverage.state.rawValue)
        close("}")
    }

    mutating func append(_ verdict: Verdict) {
        open("{")
        member("error", verdict.error)
        key("matches")
        open("{")
        for (label, count) in verdict.matches.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            key(written: label)
            append(count)
        }
        close("}")
        member("mode", verdict.mode.rawValue)
        member("outcome", verdict.outcome.rawValue)
        member("rule", verdict.rule)
        member("score", verdict.score)
        member(isSnakeCase ? "screened_out" : "screenedOut", verdict.screenedOut)
        if let thresholds = verdict.thresholds {
            key("thresholds")
            open("{")
            member("block", thresholds.block)
            member("flag", thresholds.flag)
            close("}")
        }
        close("}")
    }
}
