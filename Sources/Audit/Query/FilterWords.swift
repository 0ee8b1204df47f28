public import Foundation
import Moderation

/// A filter in the words of a command line; nil and empty mean all.
public struct FilterWords: Sendable, Hashable {
    /// Earliest time: an age, a date or a date and time.
    public var since: String?
    /// Latest time.
    public var until: String?
    /// Outcomes or endings, any of them; one word may hold several, with commas.
    public var outcomes: [String] = []
    /// A rule that fired.
    public var rule: String?
    /// Conditions on scores, all of them.
    public var scores: [String] = []
    /// `prompt` or `response`.
    public var direction: String?
    /// Route; `*` stands for any characters.
    public var route: String?
    /// Tenant; `*` stands for any characters.
    public var tenant: String?
    /// Client; `*` stands for any characters.
    public var client: String?
    /// Id of a conversation.
    public var conversation: String?
    /// The chatbot's model; `*` stands for any characters.
    public var model: String?
    /// Beginning of a policy's revision.
    public var revision: String?
    /// Beginning of a decision's id.
    public var id: String?
    /// Id of a request.
    public var request: String?
    /// Words in the kept content.
    public var text: String?
    /// Why the outcome came about.
    public var cause: String?
    /// `open`, `closed` or `none`.
    public var failMode: String?
    /// Whether some field must not have been scanned.
    public var isUnscanned = false
    /// `right`, `wrong` or `none`.
    public var label: String?

    /// Creates words that let every record pass.
    public init() {}

    /// What the words mean.
    ///
    /// - Parameter now: what ages count back from.
    /// - Throws: ``AuditError`` naming the first word that means nothing, and what would.
    public func filter(now: Date = Date()) throws(AuditError) -> AuditFilter {
        var filter = AuditFilter(rule: rule, text: text, requestID: request)
        if let since { filter.since = try TimeExpression.date(since, now: now) }
        if let until { filter.until = try TimeExpression.date(until, now: now, edge: .end) }
        if let since, let until, let first = filter.since, let end = filter.until, first >= end {
            throw .emptySpan(since: since, until: until)
        }
        for name in outcomes.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
            filter.results.insert(try Self.value(String(name), of: "an outcome or ending"))
        }
        for score in scores { filter.scores.append(try ScoreCondition(score)) }
        if let direction { filter.direction = try Self.value(direction, of: "a direction") }
        if let cause { filter.cause = try Self.value(cause, of: "a cause") }
        if let failMode { filter.failMode = try Self.value(failMode, of: "a fail mode") }
        if let label { filter.label = try Self.value(label, of: "a label") }
        filter.route = route
        filter.tenant = tenant
        filter.client = client
        filter.conversation = conversation
        filter.model = model
        filter.isUnscanned = isUnscanned
        if let id {
            guard (1...36).contains(id.utf8.count), id.allSatisfy({ $0.isASCII && $0.isHexDigit || $0 == "-" }) else {
                throw .badValue(
                    of: "the beginning of a decision's id",
                    found: id,
                    expected: "hexadecimal digits and hyphens, as 'audit list' prints them"
                )
            }
            filter.id = id
        }
        if let revision {
            guard !revision.isEmpty, revision.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
                throw .badValue(
                    of: "the beginning of a policy's revision",
                    found: revision,
                    expected: "hexadecimal digits, as 'policy log' prints them"
                )
            }
            filter.revision = revision
        }
        return filter
    }

    /// The same words with times in place of ages, which mean the same at any time.
    func settled(now: Date) throws(AuditError) -> FilterWords {
        var words = self
        if let since { words.since = AuditTime.full(try TimeExpression.date(since, now: now)) }
        if let until { words.until = AuditTime.full(try TimeExpression.date(until, now: now, edge: .end)) }
        return words
    }

    private static func value<Value: RawRepresentable<String> & CaseIterable>(
        _ text: String,
        of name: String
    ) throws(AuditError) -> Value {
        if let value = Value(rawValue: text) { return value }
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw .badValue(of: name, found: text, expected: "one of " + known)
    }
}
