import Foundation
import Moderation

extension StoredJSON {
    /// A decision as ``text(_:)`` writes it, in a small part of the time that `JSONDecoder` takes; anything else is left to that.
    static func decision(from text: String) throws -> Decision {
        var text = text
        let known = text.withUTF8 { bytes in
            var scan = JSONScan(bytes)
            let decision = try? scan.decision()
            return scan.isAtEnd ? decision : nil
        }
        return try known ?? value(Decision.self, from: text)
    }
}

extension JSONScan {
    fileprivate mutating func decision() throws(Mismatch) -> Decision {
        try open("{")
        let candidate = try has("candidate") ? self.candidate() : nil
        let cause: Cause = try member("cause")
        let channel = try has("channel") ? self.text() : nil
        let classifier = try has("classifier") ? self.classifier() : nil
        try key("coverage")
        try open("[")
        var coverage: [Coverage] = []
        while !closes("]") { coverage.append(try self.coverage()) }
        let direction: Direction = try member("direction")
        let failMode: FailMode = try member("failMode")
        try key("id")
        guard let id = DecisionID(try text()) else { throw Mismatch() }
        try key("judgingMilliseconds")
        let judging = try double()
        let observed = try has("observed") ? self.flag() : nil
        let outcome: Outcome = try member("outcome")
        let policy = try member("policy")
        let revision = try member("policyRevision")
        let restored = try has("restored") ? self.integer() : nil
        let screen = try has("screenScore") ? self.double() : nil
        try key("time")
        let time = Date(timeIntervalSinceReferenceDate: try double())
        let verdicts = try self.verdicts()
        try close("}")
        return Decision(
            candidate: candidate,
            cause: cause,
            channel: channel,
            classifier: classifier,
            coverage: coverage,
            direction: direction,
            failMode: failMode,
            id: id,
            judgingMilliseconds: judging,
            observed: observed,
            outcome: outcome,
            policy: policy,
            policyRevision: revision,
            restored: restored,
            screenScore: screen,
            time: time,
            verdicts: verdicts
        )
    }

    private mutating func candidate() throws(Mismatch) -> CandidateDecision {
        try open("{")
        let cause: Cause = try member("cause")
        let outcome: Outcome = try member("outcome")
        let policy = try member("policy")
        let revision = try member("policyRevision")
        let verdicts = try self.verdicts()
        try close("}")
        return CandidateDecision(
            cause: cause,
            outcome: outcome,
            policy: policy,
            policyRevision: revision,
            verdicts: verdicts
        )
    }

    private mutating func classifier() throws(Mismatch) -> ClassifierIdentity {
        try open("{")
        let adapter = try has("adapterDigest") ? self.text() : nil
        let model = try member("model")
        let digest = try member("modelDigest")
        let template = try member("template")
        try close("}")
        return ClassifierIdentity(model: model, modelDigest: digest, adapterDigest: adapter, template: template)
    }

    private mutating func coverage() throws(Mismatch) -> Coverage {
        try separate()
        try open("{")
        try key("bytes")
        let bytes = try integer()
        let kind: PartKind = try member("kind")
        let pointer = try member("pointer")
        let reason = try has("reason") ? self.text() : nil
        let state: Coverage.State = try member("state")
        try close("}")
        return Coverage(pointer: pointer, kind: kind, state: state, reason: reason, bytes: bytes)
    }

    private mutating func verdicts() throws(Mismatch) -> [Verdict] {
        try key("verdicts")
        try open("[")
        var verdicts: [Verdict] = []
        while !closes("]") { verdicts.append(try verdict()) }
        return verdicts
    }

    private mutating func verdict() throws(Mismatch) -> Verdict {
        try separate()
        try open("{")
        let error = try has("error") ? self.text() : nil
        try key("matches")
        try open("{")
        var matches: [String: Int] = [:]
        while !closes("}") {
            let label = try anyKey()
            guard matches.updateValue(try integer(), forKey: label) == nil else { throw Mismatch() }
        }
        let mode: RuleMode = try member("mode")
        let outcome: Outcome = try member("outcome")
        let rule = try member("rule")
        let score = try has("score") ? self.double() : nil
        try key("screenedOut")
        let screenedOut = try flag()
        let thresholds = try has("thresholds") ? self.thresholds() : nil
        try close("}")
        return Verdict(
            rule: rule,
            mode: mode,
            outcome: outcome,
            score: score,
            thresholds: thresholds,
            screenedOut: screenedOut,
            matches: matches,
            error: error
        )
    }

    private mutating func thresholds() throws(Mismatch) -> Thresholds {
        try open("{")
        let block = try has("block") ? self.double() : nil
        let flag = try has("flag") ? self.double() : nil
        try close("}")
        return Thresholds(flag: flag, block: block)
    }

    private mutating func member(_ name: StaticString) throws(Mismatch) -> String {
        try key(name)
        return try text()
    }

    private mutating func member<Word: RawRepresentable<String>>(_ name: StaticString) throws(Mismatch) -> Word {
        try key(name)
        return try word()
    }
}
