internal import Crypto
internal import Moderation

/// One thing to ask of the judge: a test of a rule alone, or of the whole policy.
struct PolicyTestCase: Sendable {
    /// What judges it: the policy, or one with nothing but the rule, in force and without the screen.
    var policy: PolicySet
    /// The rule that is tested alone; nil for a test of the whole policy.
    var rule: Rule?
    /// Which test of its rule or file, from 0.
    var index: Int
    /// A line for people.
    var name: String?
    var location: SourceLocation?
    var subject: Subject
    var scope: Scope
    var expect: Outcome
    /// The rule that is to decide; nil for any.
    var decider: String?
    var scores: [PolicyTest.ScoreBounds]

    /// A test that a rule carries.
    init(_ test: RuleTest, index: Int, of rule: Rule, in policy: PolicySet) {
        var alone = rule
        alone.mode = .enforce
        // Without the reply, so that policies that share a rule share the answers to its tests.
        var set = PolicySet(name: policy.name, revision: "", rules: [alone], reply: "")
        set.revision = PolicyRevision.digest(of: set)
        self.policy = set
        self.rule = rule
        self.index = index
        location = test.location
        subject = Self.subject(prompt: test.prompt, response: test.response, before: test.before)
        scope = Scope()
        expect = test.expect
        let isBounded = test.minScore != nil || test.maxScore != nil
        scores =
            isBounded ? [PolicyTest.ScoreBounds(rule: rule.id, min: test.minScore, max: test.maxScore)] : []
    }

    /// A test of the whole policy.
    init(_ test: PolicyTest, index: Int, in policy: PolicySet) {
        self.policy = policy
        self.index = index
        name = test.name
        location = test.location
        subject = Self.subject(prompt: test.prompt, response: test.response, before: test.before)
        scope = test.scope
        expect = test.expect
        decider = test.rule
        scores = test.scores
    }

    /// Whether the model may be asked.
    var needsModel: Bool { policy.needsModel }

    /// Names that `--run` looks in: rule and number, or file, number and name; never the text.
    var label: String {
        if let rule { return "\(rule.id) \(index + 1)" }
        return ["\(location?.file ?? "") \(index + 1)", name].compactMap(\.self).joined(separator: " ")
    }

    /// What the answer depends on, besides the model and the program, as a digest: not what is expected.
    var digest: String {
        var hash = SHA256()
        func write(_ text: String) {
            hash.update(data: Array("\(text.utf8.count) ".utf8))
            hash.update(data: Array(text.utf8))
        }
        for part in [
            policy.revision, subject.direction.rawValue, scope.route, scope.tenant, scope.model, scope.channel,
        ] {
            write(part)
        }
        for turns in [subject.context, subject.turns] {
            write("turns \(turns.count)")
            for turn in turns {
                write(turn.role.rawValue)
                write(turn.text)
            }
        }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func subject(prompt: String, response: String?, before: [Turn]) -> Subject {
        func turn(_ role: Role, _ text: String, _ pointer: String) -> Turn {
            Turn(role: role, parts: [Part(kind: .text, text: text, pointer: pointer)])
        }
        let turns = before + (prompt.isEmpty ? [] : [turn(.user, prompt, "/prompt")])
        guard let response else { return Subject(prompt: Conversation(turns: turns)) }
        return Subject(response: turn(.assistant, response, "/response"), to: Conversation(turns: turns))
    }
}
