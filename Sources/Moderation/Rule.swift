/// Scores at which a principle rule acts.
///
/// Both in 0...1; a score at or above the threshold acts.
public struct Thresholds: Sendable, Codable, Hashable {
    /// Score from which the text is flagged; nil means never.
    public var flag: Double?
    /// Score from which the text is blocked; nil means never.
    public var block: Double?

    /// Creates thresholds.
    public init(flag: Double? = nil, block: Double? = nil) {
        self.flag = flag
        self.block = block
    }

    /// The outcome that a score in 0...1 leads to.
    public func outcome(of score: Double) -> Outcome {
        if let block, score >= block { return .block }
        if let flag, score >= flag { return .flag }
        return .allow
    }
}

/// A safety principle in plain words, put to the classifier.
public struct Principle: Sendable, Codable, Hashable {
    /// The words the classifier is asked to judge by.
    public var text: String
    /// Whether a low screening score may answer for this principle (only where its miss rate was measured).
    public var screened: Bool
    /// Where the rule acts.
    public var thresholds: Thresholds

    /// Creates a principle.
    public init(text: String, screened: Bool = false, thresholds: Thresholds) {
        self.text = text
        self.screened = screened
        self.thresholds = thresholds
    }
}

/// The first, cheap question, whether the text is harmful at all.
public struct Screen: Sendable, Codable, Hashable {
    /// The words of the screening question.
    public var principle: String
    /// Screening score in 0...1 below which `screened` rules are not asked one by one.
    public var bar: Double

    /// Creates a screen.
    public init(principle: String, bar: Double) {
        self.principle = principle
        self.bar = bar
    }
}

/// Kinds of personal data that can be found.
public enum PIIKind: String, Sendable, Codable, Hashable, CaseIterable {
    case email
    case phone
    case creditCard = "credit_card"
    case iban
    case usSSN = "us_ssn"
    case ipAddress = "ip_address"
}

/// Kinds of secrets that can be found, by their published formats.
public enum SecretKind: String, Sendable, Codable, Hashable, CaseIterable {
    case privateKey = "private_key"
    case awsAccessKey = "aws_access_key"
    case githubToken = "github_token"
    case gitlabToken = "gitlab_token"
    case slackToken = "slack_token"
    case googleAPIKey = "google_api_key"
    case openaiKey = "openai_key"
    case stripeKey = "stripe_key"
    case jwt
}

/// What a rule looks for.
///
/// One rule has one detection.
public enum Detection: Sendable, Codable, Hashable {
    /// Judged by the small language model.
    case principle(Principle)
    /// Whole words or phrases, compared without regard to case.
    case terms([String])
    /// Regular expressions (PCRE2 syntax, UTF-8, run under a step limit).
    case patterns([String])
    /// Personal data.
    case pii([PIIKind])
    /// Keys, tokens and other secrets.
    case secrets([SecretKind])
}

/// One example that a rule carries, and what the rule is to say of it.
public struct RuleTest: Sendable, Codable, Hashable {
    /// The user's text; for a response test, the turn before it (may be empty).
    public var prompt: String
    /// The chatbot's text; nil for a prompt test.
    public var response: String?
    /// What this rule alone is to decide.
    public var expect: Outcome
    /// Where the test stands.
    public var location: SourceLocation?

    /// Creates a test.
    public init(prompt: String, response: String? = nil, expect: Outcome, location: SourceLocation? = nil) {
        self.prompt = prompt
        self.response = response
        self.expect = expect
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
    /// What it does with a match; unused by principle rules, whose thresholds say it.
    public var action: Outcome
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
