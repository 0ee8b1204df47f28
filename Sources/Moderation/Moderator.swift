/// Judges subjects by the rules of one policy set.
///
/// Immutable and shared freely; a request keeps the moderator it began with.
public struct Moderator: Sendable {
    /// The rules.
    public let policy: PolicySet
    /// Gives principle rules their scores; nil when no rule needs one.
    public let classifier: (any Classifier)?

    private let detectors: [String: any Detector]

    /// Gives each rule its detector.
    ///
    /// - Throws: ``DetectionError`` when a rule's detection can't work.
    public init(
        policy: PolicySet,
        detectors builder: any DetectorBuilder,
        classifier: (any Classifier)?
    ) throws(DetectionError) {
        self.policy = policy
        self.classifier = classifier
        var detectors: [String: any Detector] = [:]
        for rule in policy.rules where rule.mode != .off {
            detectors[rule.id] = try builder.detector(for: rule.detection)
        }
        self.detectors = detectors
    }

    /// Judges one subject by every rule of its direction.
    ///
    /// - Throws: `CancellationError` only. A detector or classifier that fails is a verdict with an error, decided by the
    ///   rule's `on_error`.
    public func judge(_ subject: Subject) async throws -> Judgement {
        let start = ContinuousClock.now
        let rules = policy.rules.filter { $0.mode != .off && $0.appliesTo.contains(subject.direction) }
        var verdicts: [String: Verdict] = [:]
        var redactions = RedactionCollector()
        for rule in rules {
            if let detector = detectors[rule.id] {
                verdicts[rule.id] = search(subject, rule: rule, detector: detector, redactions: &redactions)
            }
        }
        let scored = try await score(subject, rules: rules)
        verdicts.merge(scored.verdicts) { $1 }
        let ordered = rules.compactMap { verdicts[$0.id] }
        return Judgement(
            verdicts: ordered,
            redactions: redactions.redactions,
            coverage: coverage(of: subject, verdicts: ordered),
            screenScore: scored.screen,
            reply: reply(for: ordered),
            duration: start.duration(to: .now),
            isOverloaded: scored.isOverloaded,
            unscanned: subject.turns.contains { $0.parts.contains(where: \.kind.isUnread) } ? policy.unscanned : .allow
        )
    }

    /// The decision that a judgement of this moderator amounts to.
    public func decision(_ judgement: Judgement, direction: Direction) -> Decision {
        Decision(direction: direction, judgement: judgement, policy: policy, classifier: classifier?.identity)
    }
}

// MARK: - Terms, patterns, personal data, secrets

extension Moderator {
    private func search(
        _ subject: Subject,
        rule: Rule,
        detector: any Detector,
        redactions: inout RedactionCollector
    ) -> Verdict {
        var verdict = Verdict(rule: rule.id, mode: rule.mode, outcome: .allow)
        let redacts = rule.action == .redact && rule.mode == .enforce
        var found: [([Match], pointer: String)] = []
        do {
            // A client sends the whole history again with each prompt, so what is to be masked is masked there again; an
            // answer's context went out with the prompt already.
            let isResent = rule.action == .redact && subject.direction == .prompt
            for turn in subject.turns + (isResent ? subject.context : []) {
                for part in turn.parts where part.kind.isText {
                    let matches = try Self.matches(of: detector, in: part)
                    for match in matches { verdict.matches[match.label, default: 0] += 1 }
                    if redacts { found.append((matches, part.pointer)) }
                }
            }
            for parts in Self.messages(of: subject.turns) {
                for match in try Self.matchesAcross(parts, of: detector) {
                    verdict.matches[match.label, default: 0] += 1
                    if redacts { found += match.pieces.map { ([$0.match], $0.pointer) } }
                }
            }
            if !verdict.matches.isEmpty { verdict.outcome = rule.action }
            // Only now: a search that fails half-way changes nothing.
            for (matches, pointer) in found { redactions.add(matches, to: pointer) }
        } catch {
            verdict.error = "detector failed: \(error)"
            verdict.outcome = rule.onError == .block ? .block : .allow
        }
        return verdict
    }

    /// The texts of neighbouring turns of one speaker, which are one message to a chatbot.
    private static func messages(of turns: [Turn]) -> [[Part]] {
        var messages: [(role: Role, parts: [Part])] = []
        for turn in turns {
            let texts = turn.parts.filter { $0.kind == .text && !$0.text.isEmpty }
            if messages.last?.role == turn.role {
                messages[messages.count - 1].parts += texts
            } else {
                messages.append((turn.role, texts))
            }
        }
        return messages.map(\.parts)
    }

    /// What is found only when the texts of a message are read as one, on one line or on several, as chatbots do: a term split
    /// over two parts, say.
    private static func matchesAcross(
        _ texts: [Part],
        of detector: any Detector
    ) throws -> [(label: String, pieces: [(match: Match, pointer: String)])] {
        guard texts.count > 1 else { return [] }
        return try ["", "\n"].flatMap { try matches(across: texts, joinedBy: $0, of: detector) }
    }

    private static func matches(
        across texts: [Part],
        joinedBy separator: String,
        of detector: any Detector
    ) throws -> [(label: String, pieces: [(match: Match, pointer: String)])] {
        var start = 0
        let places = texts.map { part in
            defer { start += part.text.utf8.count + separator.utf8.count }
            return start..<start + part.text.utf8.count
        }
        return try detector.matches(in: texts.map(\.text).joined(separator: separator)).compactMap { match in
            let pieces = zip(texts, places).filter { $0.1.overlaps(match.range) }
            guard pieces.count > 1 else { return nil }
            return (
                match.label,
                pieces.enumerated().map { index, piece in
                    let range = piece.1.clamped(to: match.range)
                    let place = range.lowerBound - piece.1.lowerBound..<range.upperBound - piece.1.lowerBound
                    let replacement = index == 0 ? match.replacement : ""
                    return (Match(range: place, label: match.label, replacement: replacement), piece.0.pointer)
                }
            )
        }
    }

    /// Matches in a part's text, and in what it says once JSON's escapes are resolved.
    private static func matches(of detector: any Detector, in part: Part) throws -> [Match] {
        let matches = try detector.matches(in: part.text)
        guard let unescaped = part.unescaped else { return matches }
        let hidden = try detector.matches(in: unescaped.text).map(unescaped.original)
        return RedactionCollector.merge(matches + hidden)
    }

    /// Every part and what became of it; a rule that could not answer leaves the subject's own text not judged.
    private func coverage(of subject: Subject, verdicts: [Verdict]) -> [Coverage] {
        let failure = verdicts.lazy.compactMap(\.error).first
        func entries(_ turns: [Turn], isJudged: Bool) -> [Coverage] {
            turns.flatMap { turn in
                turn.parts.map { part in
                    let judged: Coverage.State = failure == nil ? .scanned : .skipped
                    let state: Coverage.State = !part.kind.isText ? .skipped : isJudged ? judged : .context
                    let reason: String? =
                        switch state {
                        case .scanned: nil
                        case .context: turn.role == .system ? "operator instructions" : "earlier turn"
                        case .skipped where part.kind.isText: failure.map { "not judged by every rule: \($0)" }
                        case .skipped: "no detector reads \(part.kind.rawValue)"
                        }
                    return Coverage(
                        pointer: part.pointer,
                        kind: part.kind,
                        state: state,
                        reason: reason,
                        bytes: part.text.utf8.count
                    )
                }
            }
        }
        return entries(subject.context, isJudged: false) + entries(subject.turns, isJudged: true)
    }

    private func reply(for verdicts: [Verdict]) -> String {
        guard let deciding = verdicts.first(where: { $0.effective == .block && $0.error == nil }) else {
            let guardIsDown = verdicts.contains { $0.effective == .block }
            return guardIsDown ? Moderator.guardUnavailableReply : policy.reply
        }
        return policy.rules.first { $0.id == deciding.rule }?.reply ?? policy.reply
    }

    /// What the client is told when the text could not be checked.
    public static let guardUnavailableReply =
        "This message could not be checked for safety, so it was not passed on. Please try again later."
}

// MARK: - Principles

extension Moderator {
    /// Most texts of one subject that are judged apart.
    private static let maxTexts = 32

    /// The texts to classify: neighbouring turns of one speaker are one text, as they are to the chatbot; a subject of very
    /// many turns is one text as a whole, so that it can't be made to cost more than its length.
    private static func texts(of turns: [Turn]) -> [String] {
        var texts: [(role: Role, text: String)] = []
        for turn in turns {
            let text = turn.text
            guard !text.isEmpty else { continue }
            if texts.last?.role == turn.role {
                texts[texts.count - 1].text += "\n" + text
            } else {
                texts.append((turn.role, text))
            }
        }
        let all = texts.map(\.text)
        return all.count <= maxTexts ? all : [all.joined(separator: "\n")]
    }

    /// What the classifier says by rule.
    private struct Scored {
        var verdicts: [String: Verdict] = [:]
        var screen: Double?
        var isOverloaded = false
    }

    private func score(_ subject: Subject, rules: [Rule]) async throws -> Scored {
        var principles: [(rule: Rule, principle: Principle)] = []
        for rule in rules {
            if case .principle(let principle) = rule.detection { principles.append((rule, principle)) }
        }
        guard !principles.isEmpty else { return Scored() }
        do {
            guard let classifier else { throw NoClassifier() }
            var scores = [Double?](repeating: nil, count: principles.count)
            var screenScore: Double?
            for text in Self.texts(of: subject.turns) {
                let request = ClassificationRequest(
                    direction: subject.direction,
                    context: subject.context,
                    text: text,
                    questions: principles.map {
                        Question(principle: $0.principle.text, screened: $0.principle.screened)
                    },
                    screen: policy.screen
                )
                let answer = try await classifier.classify(request)
                for (index, score) in answer.scores.enumerated() {
                    if let score { scores[index] = max(scores[index] ?? 0, score) }
                }
                if let score = answer.screenScore { screenScore = max(screenScore ?? 0, score) }
            }
            var verdicts: [String: Verdict] = [:]
            for ((rule, principle), score) in zip(principles, scores) {
                verdicts[rule.id] = Verdict(
                    rule: rule.id,
                    mode: rule.mode,
                    outcome: score.map(principle.thresholds.outcome(of:)) ?? .allow,
                    score: score,
                    thresholds: principle.thresholds,
                    screenedOut: score == nil && screenScore != nil
                )
            }
            return Scored(verdicts: verdicts, screen: screenScore)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let verdicts = principles.map { rule, principle in
                Verdict(
                    rule: rule.id,
                    mode: rule.mode,
                    outcome: rule.onError == .block ? .block : .allow,
                    thresholds: principle.thresholds,
                    error: "classifier failed: \(error)"
                )
            }
            return Scored(
                verdicts: Dictionary(uniqueKeysWithValues: verdicts.map { ($0.rule, $0) }),
                isOverloaded: error is ClassifierOverload
            )
        }
    }
}

/// A policy has principle rules and the process has no model.
private struct NoClassifier: Error, CustomStringConvertible {
    let description = "no model is loaded; start with --model"
}
