/// One word of a filter, by its name in a query; on the command line `_` is `-`.
///
/// One list for the command line, the admin API and whatever else asks the store, so that a word means the same everywhere.
public enum FilterWord: String, Sendable, Hashable, CaseIterable {
    case since
    case until
    case outcome
    case rule
    case score
    case direction
    case route
    case tenant
    case client
    case model
    case revision
    case id
    case request
    case conversation
    case text
    case cause
    case failMode = "fail_mode"
    case unscanned
    case label

    /// What it leaves, in one sentence.
    public var help: String {
        switch self {
        case .since: "Only records since: 24h, 30m, 7d, a date or a date-time."
        case .until: "Only records until: 24h, 30m, 7d, a date or a date-time."
        case .outcome:
            "Only these outcomes: allow, flag, redact, block, or an ending such as upstream_timeout; several with commas."
        case .rule: "Only records in which this rule fired."
        case .score:
            "Only records with such a score: 'hate-speech>0.6', also >=, <, <=, or 'hate-speech=0.4..0.6'."
        case .direction: "Only this direction: prompt or response."
        case .route: "Only this route; * stands for any characters, here and in tenant, client and model."
        case .tenant: "Only this tenant."
        case .client: "Only this client: an API key by its name."
        case .model: "Only this model of the chatbot, as the request named it."
        case .revision: "Only decisions by the policy whose revision begins so."
        case .id: "Only decisions whose id begins so."
        case .request: "Only this request: the prompt's decision and the response's."
        case .conversation: "Only this conversation."
        case .text: "Only records whose kept content contains these words."
        case .cause: "Only this cause: none, content, guard_unavailable, overloaded or unscanned."
        case .failMode:
            "Only records in which a detector failed and its rule let the text pass (open) or blocked (closed)."
        case .unscanned: "Only records in which some field was not scanned."
        case .label: "Only decisions that were called right or wrong, or of which nobody said anything (none)."
        }
    }

    /// Whether it may be given several times.
    public var isList: Bool { self == .outcome || self == .score }
}

extension FilterWords {
    /// Adds what somebody wrote for a word.
    ///
    /// - Throws: ``AuditError/badValue(of:found:expected:)`` for a word that was given before and may be given once, and for an
    ///   `unscanned` that is neither `true` nor `false`.
    public mutating func add(_ text: String, as word: FilterWord) throws(AuditError) {
        switch word {
        case .since: try Self.set(&since, text, word)
        case .until: try Self.set(&until, text, word)
        case .outcome: outcomes.append(text)
        case .rule: try Self.set(&rule, text, word)
        case .score: scores.append(text)
        case .direction: try Self.set(&direction, text, word)
        case .route: try Self.set(&route, text, word)
        case .tenant: try Self.set(&tenant, text, word)
        case .client: try Self.set(&client, text, word)
        case .model: try Self.set(&model, text, word)
        case .revision: try Self.set(&revision, text, word)
        case .id: try Self.set(&id, text, word)
        case .request: try Self.set(&request, text, word)
        case .conversation: try Self.set(&conversation, text, word)
        case .text: try Self.set(&self.text, text, word)
        case .cause: try Self.set(&cause, text, word)
        case .failMode: try Self.set(&failMode, text, word)
        case .unscanned:
            guard let isUnscanned = Bool(text) else {
                throw .badValue(of: "a value of unscanned", found: text, expected: "true or false")
            }
            self.isUnscanned = isUnscanned
        case .label: try Self.set(&label, text, word)
        }
    }

    private static func set(_ place: inout String?, _ text: String, _ word: FilterWord) throws(AuditError) {
        guard place == nil else {
            throw .badValue(of: "a second value of \(word.rawValue)", found: text, expected: "one value")
        }
        place = text
    }
}
