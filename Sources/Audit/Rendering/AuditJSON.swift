import Foundation
import Moderation

/// Writes records and counts as JSON, for programs.
///
/// Keys are in snake case; times are RFC 3339 in UTC.
public enum AuditJSON {
    /// One record on one line, without the line feed.
    ///
    /// - Parameters:
    ///   - labels: what was said of it, where that is to be told too.
    ///   - neighbours: what else was decided in the same conversation, where that is to be told too.
    ///   - rule: the rule that decided, as it stood then, where that is known and to be told too.
    ///   - weights: which words weighed most, likewise.
    public static func line(
        _ entry: AuditEntry,
        labels: [AuditLabel]? = nil,
        neighbours: [AuditNeighbour]? = nil,
        rule: DecidingRule? = nil,
        weights: WordWeights? = nil
    ) throws -> String {
        if labels == nil, neighbours == nil, rule == nil, weights == nil { return text(entry) }
        var line = Line(entry, labels: labels, neighbours: neighbours, rule: rule)
        line.weights = weights
        return try text(line)
    }

    /// Counts on one line, without the line feed.
    public static func line(_ stats: AuditStats) throws -> String { try text(stats) }

    /// One act on one line, without the line feed.
    public static func line(_ act: AuditAct) throws -> String { try text(act) }

    /// Any value in the same spelling.
    package static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(AuditTime.full(date))
        }
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// A record as programs read it: flat, with the rules of the decision under `rules`.
private struct Line: Encodable {
    struct Chain: Encodable {
        var sequence: Int
        var hash: String
        var previous: String
    }

    var id: DecisionID
    var time: Date
    var direction: Direction
    var result: AuditResult
    var outcome: Outcome
    var cause: Cause
    var failMode: FailMode
    var ending: Ending
    var status: Int?
    var requestID: String
    var route: String
    var dialect: String
    var tenant: String
    var client: String?
    var conversation: String?
    var channel: String?
    var model: String?
    var streamed: Bool
    var releasedCharacters: Int?
    var restored: Int?
    var policy: String
    var policyRevision: String
    var rules: [Verdict]
    var candidate: CandidateDecision?
    var screenScore: Double?
    var coverage: [Coverage]
    var classifier: ClassifierIdentity?
    var judgingMs: Double
    var contentMode: ContentMode
    var content: [KeptContent]
    var labels: [AuditLabel]?
    var neighbours: [AuditNeighbour]?
    var decidingRule: DecidingRule?
    var weights: WordWeights?
    var chain: Chain

    init(_ entry: AuditEntry, labels: [AuditLabel]?, neighbours: [AuditNeighbour]?, rule: DecidingRule?) {
        decidingRule = rule
        self.labels = labels
        self.neighbours = neighbours
        let decision = entry.decision
        id = decision.id
        time = decision.time
        direction = decision.direction
        result = entry.result
        outcome = decision.outcome
        cause = decision.cause
        failMode = decision.failMode
        ending = entry.ending
        status = entry.status
        requestID = entry.requestID
        route = entry.route
        dialect = entry.dialect
        tenant = entry.tenant
        client = entry.client
        conversation = entry.conversation
        channel = decision.channel
        model = entry.model
        streamed = entry.streamed
        releasedCharacters = entry.releasedCharacters
        restored = decision.restored
        policy = decision.policy
        policyRevision = decision.policyRevision
        rules = decision.verdicts
        candidate = decision.candidate
        screenScore = decision.screenScore
        coverage = decision.coverage
        classifier = decision.classifier
        judgingMs = decision.judgingMilliseconds
        contentMode = entry.contentMode
        content = entry.content
        chain = Chain(sequence: entry.sequence, hash: entry.hash, previous: entry.previousHash)
    }
}
