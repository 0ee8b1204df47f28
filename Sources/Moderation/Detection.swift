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

/// Texts that show what a rule means where words can't describe it.
///
/// The model compares a text with them in its own embedding space.
public struct Examples: Sendable, Codable, Hashable {
    /// Texts that the rule is to catch; at least one.
    public var positive: [String]
    /// Look-alikes that it is to let pass.
    public var negative: [String]
    /// Where the rule acts on the score, 0...1: how much nearer the text is to the positive ones than to the negative ones.
    public var thresholds: Thresholds

    /// Creates examples.
    public init(positive: [String], negative: [String] = [], thresholds: Thresholds) {
        self.positive = positive
        self.negative = negative
        self.thresholds = thresholds
    }
}

/// How a term is compared with a text.
public enum TermMatch: String, Sendable, Codable, Hashable, CaseIterable {
    /// Ends where a word ends.
    case word
    /// Every form of the word that has the same stem, by the rules of its list's language.
    case stem
}

/// Terms of one language.
public struct TermList: Sendable, Codable, Hashable {
    /// Two-letter code (ISO 639-1); decides how words are stemmed.
    public var language: String
    /// Whole words or phrases.
    public var terms: [String]

    /// Creates a list.
    public init(language: String = "en", terms: [String]) {
        self.language = language
        self.terms = terms
    }
}

/// Words and phrases, compared without regard to case.
public struct Terms: Sendable, Codable, Hashable, ExpressibleByArrayLiteral {
    /// The terms, by language.
    public var lists: [TermList]
    /// How they are compared.
    public var match: TermMatch

    /// Creates terms.
    public init(lists: [TermList], match: TermMatch = .word) {
        self.lists = lists
        self.match = match
    }

    /// English words, compared whole.
    public init(arrayLiteral terms: String...) { self.init(lists: [TermList(terms: terms)]) }

    /// The terms of all lists.
    public var all: [String] { lists.flatMap(\.terms) }
}

/// What a text may be at most; a rule fires where one of these is passed.
public struct Limits: Sendable, Codable, Hashable {
    /// Most Unicode scalars; nil for any number.
    public var maxCharacters: Int?
    /// Most links; nil for any number.
    public var maxLinks: Int?
    /// Largest part of a text, 0...1, that repeats what it said before; nil for any.
    public var maxRepetition: Double?
    /// Languages that are welcome, as two-letter codes (ISO 639-1); nil for every language.
    public var languages: [String]?

    /// Creates limits.
    public init(
        maxCharacters: Int? = nil,
        maxLinks: Int? = nil,
        maxRepetition: Double? = nil,
        languages: [String]? = nil
    ) {
        self.maxCharacters = maxCharacters
        self.maxLinks = maxLinks
        self.maxRepetition = maxRepetition
        self.languages = languages
    }
}

/// Kinds of personal data that can be found.
public enum PIIKind: String, Sendable, Codable, Hashable, CaseIterable {
    case email
    case phone
    case creditCard = "credit_card"
    case iban
    case usSSN = "us_ssn"
    case ukNINO = "uk_nino"
    case ipAddress = "ip_address"
    case macAddress = "mac_address"
    case dateOfBirth = "date_of_birth"
    case streetAddress = "street_address"
    case medicalRecord = "medical_record"
    case passport
}

/// Kinds of secrets that can be found: by their published formats, and by where they stand.
public enum SecretKind: String, Sendable, Codable, Hashable, CaseIterable {
    case privateKey = "private_key"
    case awsAccessKey = "aws_access_key"
    case githubToken = "github_token"
    case gitlabToken = "gitlab_token"
    case slackToken = "slack_token"
    case googleAPIKey = "google_api_key"
    case openaiKey = "openai_key"
    case stripeKey = "stripe_key"
    case anthropicKey = "anthropic_key"
    case aiServiceKey = "ai_service_key"
    case huggingfaceToken = "huggingface_token"
    case azureKey = "azure_key"
    case googleOAuth = "google_oauth"
    case digitaloceanToken = "digitalocean_token"
    case vaultToken = "vault_token"
    case npmToken = "npm_token"
    case pypiToken = "pypi_token"
    case sendgridKey = "sendgrid_key"
    case mailgunKey = "mailgun_key"
    case twilioKey = "twilio_key"
    case shopifyToken = "shopify_token"
    case telegramToken = "telegram_token"
    case discordToken = "discord_token"
    case serviceToken = "service_token"
    case jwt
    case connectionString = "connection_string"
    case highEntropy = "high_entropy"
}

/// What a rule looks for.
///
/// One rule has one detection.
public enum Detection: Sendable, Codable, Hashable {
    /// Judged by the small language model.
    case principle(Principle)
    /// Compared with example texts by the small language model.
    case examples(Examples)
    /// Whole words or phrases, compared without regard to case.
    case terms(Terms)
    /// Regular expressions (PCRE2 syntax, UTF-8, run under a step limit).
    case patterns([String])
    /// Personal data.
    case pii([PIIKind])
    /// Keys, tokens and other secrets.
    case secrets([SecretKind])
    /// Length, links, repetition, language.
    case limits(Limits)

    /// Scores at which the rule acts; nil where a match says it all.
    public var thresholds: Thresholds? {
        get {
            switch self {
            case .principle(let principle): principle.thresholds
            case .examples(let examples): examples.thresholds
            case .terms, .patterns, .pii, .secrets, .limits: nil
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .principle(var principle):
                principle.thresholds = newValue
                self = .principle(principle)
            case .examples(var examples):
                examples.thresholds = newValue
                self = .examples(examples)
            case .terms, .patterns, .pii, .secrets, .limits: break
            }
        }
    }

    /// Whether the model is asked.
    public var needsModel: Bool { thresholds != nil }
}

/// What stands in the place of a stretch that is redacted.
public enum RedactionStyle: String, Sendable, Codable, Hashable, CaseIterable {
    /// The kind: `[EMAIL]`.
    case mask
    /// The kind and a number, the same for the same words in one conversation: `[EMAIL_1]`.
    case placeholder
    /// The kind and a keyed digest of the words, the same wherever they are found: `[EMAIL_3f2a9c01]`.
    case hash
}
