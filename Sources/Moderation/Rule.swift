/// One example that a rule carries, and what the rule is to say of it.
public struct RuleTest: Sendable, Codable, Hashable {
    /// The user's text; for a response test, the turn before it (may be empty).
    public var prompt: String
    /// The chatbot's text; nil for a prompt test.
    public var response: String?
    /// What this rule alone is to decide.
    public var expect: Outcome
    /// The turns before it, oldest first.
    public var before: [Turn]
    /// The least score that is right, in 0...1; nil asks for none.
    public var minScore: Double?
    /// The highest score that is right, in 0...1; nil asks for none.
    public var maxScore: Double?
    /// Where the test stands.
    public var location: SourceLocation?

    /// Creates a test.
    public init(
        prompt: String,
        response: String? = nil,
        expect: Outcome,
        before: [Turn] = [],
        minScore: Double? = nil,
        maxScore: Double? = nil,
        location: SourceLocation? = nil
    ) {
        self.prompt = prompt
        self.response = response
        self.expect = expect
        self.before = before
        self.minScore = minScore
        self.maxScore = maxScore
        self.location = location
    }
}

/// One rule of a policy.
public struct Rule: Sendable, Codable, Hashable {
    /// Stable name, unique in the policy set, such as `hate-speech`.
    public var id: String
    /// A line for people.
    public var title: String?
    /// What it looks for.
    public var detection: Detection
    /// What it does with a match; unused by rules with thresholds, which say it.
    public var action: Outcome
    /// What stands in the place of a match that is redacted.
    public var redactAs: RedactionStyle
    /// Whether the chatbot's answer gets the original words back where it repeats a placeholder.
    public var restores: Bool
    /// Which directions it judges.
    public var appliesTo: Set<Direction>
    /// Whether it acts.
    public var mode: RuleMode
    /// What it does when its detector can't answer.
    public var onError: ErrorAction
    /// What the client is told on a block; nil takes the policy's reply.
    public var reply: String?
    /// Examples that the rule must get right.
    public var tests: [RuleTest]
    /// Where the rule stands.
    public var location: SourceLocation?

    /// Creates a rule.
    public init(
        id: String,
        title: String? = nil,
        detection: Detection,
        action: Outcome = .block,
        redactAs: RedactionStyle = .mask,
        restores: Bool = false,
        appliesTo: Set<Direction> = Set(Direction.allCases),
        mode: RuleMode = .enforce,
        onError: ErrorAction = .block,
        reply: String? = nil,
        tests: [RuleTest] = [],
        location: SourceLocation? = nil
    ) {
        self.id = id
        self.title = title
        self.detection = detection
        self.action = action
        self.redactAs = redactAs
        self.restores = restores
        self.appliesTo = appliesTo
        self.mode = mode
        self.onError = onError
        self.reply = reply
        self.tests = tests
        self.location = location
    }
}

/// A place in a file.
public struct SourceLocation: Sendable, Codable, Hashable, CustomStringConvertible {
    /// Path as the user gave it.
    public var file: String
    /// Line, from 1.
    public var line: Int
    /// Column in Unicode scalars, from 1.
    public var column: Int

    /// Creates a location.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `file:line:column`.
    public var description: String { "\(file):\(line):\(column)" }
}
