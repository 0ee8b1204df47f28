import Audit
import Foundation
import Moderation

/// Weighs the words of a record by occlusion: what becomes of a rule's score when some of them are left out (Zeiler and Fergus,
/// 2014, for words as Li, Monroe and Jurafsky, 2016).
///
/// One judging for each piece, on demand: nothing of it is recorded.
struct WordWeighing {
    /// Most pieces; the words of a longer text are weighed some neighbours at a time.
    static let maxPieces = 48
    /// Judgings under way at a time where nobody else needs the engine, which runs them together.
    private static let width = 8

    private let entry: AuditEntry
    private let subject: Subject
    private let rule: Rule
    private let policy: PolicySet

    /// Finds the rule as it stood when the decision was made.
    ///
    /// - Parameters:
    ///   - reader: asked for the policy of that day, and for the prompt that an answer belongs to.
    ///   - id: the rule's id; nil for the one that decided.
    /// - Throws: ``WordWeighingError``, `AuditError`.
    init(_ entry: AuditEntry, _ reader: any AuditReader, rule id: String?) async throws {
        try entry.content.checkUnlocked()
        let scored = entry.decision.verdicts.filter { $0.score != nil }
        // The rule that decided, or came nearest to it.
        let deciding = scored.max { ($0.effective, $0.score ?? 0) < ($1.effective, $1.score ?? 0) }
        guard let id = id ?? deciding?.rule else { throw WordWeighingError.noScore }
        guard let policy = try await reader.policy(of: entry)?.policy else {
            throw WordWeighingError.unknownPolicy(revision: entry.decision.policyRevision)
        }
        guard let rule = policy.rules.first(where: { $0.id == id }) else {
            throw WordWeighingError.unknownRule(id, known: policy.rules.filter(\.detection.needsModel).map(\.id))
        }
        guard rule.detection.needsModel else { throw WordWeighingError.noModelRule(id) }
        guard !entry.content.isEmpty, entry.content.allSatisfy({ $0.text != nil }) else {
            throw WordWeighingError.noText
        }
        let prompt = try await reader.prompts(of: [entry.requestID])[entry.requestID]
        self.entry = entry
        self.rule = rule
        subject = Subject(entry, prompt: prompt)
        var part = policy
        part.rules = [rule]
        part.rules[0].mode = .enforce
        part.screen = nil
        part.overrides = []
        part.unscanned = .allow
        self.policy = part
    }

    /// Judges the text without each of its pieces.
    ///
    /// - Parameters:
    ///   - width: judgings under way at a time.
    ///   - wait: awaited before each judging.
    func weights(
        by classifier: any Classifier,
        width: Int = Self.width,
        wait: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> WordWeights {
        let moderator = try Judge.moderator(for: policy, classifier: classifier)
        let places = Self.pieces(of: subject.turns.map { $0.parts[0].text })
        try await wait()
        guard let score = try await Self.score(subject, by: moderator) else { throw WordWeighingError.noScore }
        let rest = try await withThrowingTaskGroup(of: (Int, Double?).self) { group in
            var rest = [Double?](repeating: nil, count: places.count)
            for index in places.indices {
                if index >= width, let (done, score) = try await group.next() { rest[done] = score }
                let occluded = occluded(places[index])
                group.addTask {
                    try await wait()
                    return (index, try await Self.score(occluded, by: moderator))
                }
            }
            for try await (done, score) in group { rest[done] = score }
            return rest
        }
        return WordWeights(
            rule: rule.id,
            recorded: entry.decision.verdicts.first { $0.rule == rule.id }?.score,
            score: score,
            pieces: zip(places, rest).map { place, rest in
                WordWeights.Piece(
                    text: String(subject.turns[place.turn].parts[0].text[place.range]),
                    // Without a text there is nothing to violate a rule.
                    weight: Self.logOdds(score) - Self.logOdds(rest ?? 0.5)
                )
            }
        )
    }

    private func occluded(_ place: Place) -> Subject {
        var subject = subject
        subject.turns[place.turn].parts[0].text.removeSubrange(place.range)
        return subject
    }

    private static func score(_ subject: Subject, by moderator: Moderator) async throws -> Double? {
        let verdict = try await moderator.judge(subject, in: Scope()).verdicts.first
        if let error = verdict?.error { throw WordWeighingError.failed(error) }
        return verdict?.score
    }

    private static func logOdds(_ score: Double) -> Double {
        let bounded = min(max(score, 1e-6), 1 - 1e-6)
        return log(bounded / (1 - bounded))
    }
}

extension WordWeighing {
    /// Some words of one of the texts.
    struct Place: Equatable {
        var turn: Int
        var range: Range<String.Index>
    }

    /// Cuts texts at blanks into at most ``maxPieces`` pieces and one for each further text, of about the same number of words.
    static func pieces(of texts: [String]) -> [Place] {
        let words = texts.map { $0.split(whereSeparator: \.isWhitespace) }
        let length = max(1, (words.reduce(0) { $0 + $1.count } + maxPieces - 1) / maxPieces)
        return words.enumerated().flatMap { turn, words in
            stride(from: 0, to: words.count, by: length).map { start in
                let last = words[min(start + length, words.count) - 1]
                return Place(turn: turn, range: words[start].startIndex..<last.endIndex)
            }
        }
    }
}

/// Why words can't be weighed.
enum WordWeighingError: Error, Hashable, CustomStringConvertible {
    case noScore
    case unknownPolicy(revision: String)
    case unknownRule(String, known: [String])
    case noModelRule(String)
    case noText
    case failed(String)

    var description: String {
        switch self {
        case .noScore: "the model gave no score in this decision: there are no words to weigh; see its rules"
        case .unknownPolicy(let revision):
            "the policy of revision \(revision.prefix(12)) is not in the store: its rules can't be asked again"
        case .unknownRule(let id, let known):
            "'\(id)' is no rule of the policy of that day; expected one of \(known.joined(separator: ", "))"
        case .noModelRule(let id):
            "'\(id)' looks for words or patterns, not for meaning: what it found is what it counts"
        case .noText: "the text of this decision was not kept, or was erased: there are no words to weigh"
        case .failed(let reason): "the words could not be weighed: \(reason)"
        }
    }
}
