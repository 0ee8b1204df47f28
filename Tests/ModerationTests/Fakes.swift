import Moderation

/// Finds one word.
struct WordDetector: Detector {
    var word: String

    func matches(in text: String) throws -> [Match] {
        if word == "fragile", text == "broken" { throw BrokenDetector.Failure() }
        return text.ranges(of: word).map { range in
            let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
            return Match(range: start..<start + word.utf8.count, label: "word", replacement: "[WORD]")
        }
    }
}

/// Always fails.
struct BrokenDetector: Detector {
    struct Failure: Error {}

    func matches(in text: String) throws -> [Match] { throw Failure() }
}

/// `terms: [broken]` makes a detector that fails; any other term one that finds it.
struct FakeDetectors: DetectorBuilder {
    func detector(for detection: Detection) throws(DetectionError) -> (any Detector)? {
        guard case .terms(let terms) = detection, let term = terms.all.first else { return nil }
        return term == "broken" ? BrokenDetector() : WordDetector(word: term)
    }
}

/// Scores 0.9 where the text holds the principle's own text, else 0.1; fails or cancels on request.
struct FakeClassifier: Classifier {
    enum Behaviour { case answers, fails, isFull, cancels }

    struct Failure: Error, CustomStringConvertible { let description = "out of order" }

    var behaviour = Behaviour.answers
    let identity = ClassifierIdentity(model: "fake", modelDigest: "00", adapterDigest: nil, template: "fake")

    func classify(_ request: ClassificationRequest) async throws -> Classification {
        switch behaviour {
        case .answers: break
        case .fails: throw Failure()
        case .isFull: throw ClassifierOverload()
        case .cancels: throw CancellationError()
        }
        func score(_ principle: String) -> Double { request.text.contains(principle) ? 0.9 : 0.1 }
        let screen = request.screen.map { score($0.principle) }
        return Classification(
            scores: request.questions.map { question in
                if question.screened, let screen, let bar = request.screen?.bar, screen < bar { return nil }
                return score(question.principle)
            },
            screenScore: screen,
            textTokens: request.text.count
        )
    }
}

extension Turn {
    init(_ role: Role, _ text: String, pointer: String = "/text") {
        self.init(role: role, parts: [Part(kind: .text, text: text, pointer: pointer)])
    }
}

func moderator(_ rules: [Rule], screen: Screen? = nil, classifier: FakeClassifier? = FakeClassifier()) throws
    -> Moderator
{
    let policy = PolicySet(name: "test", revision: "r1", rules: rules, screen: screen)
    return try Moderator(policy: policy, detectors: FakeDetectors(), classifier: classifier)
}

func principleRule(
    _ id: String,
    _ text: String,
    screened: Bool = false,
    mode: RuleMode = .enforce,
    onError: ErrorAction = .block
) -> Rule {
    let thresholds = Thresholds(flag: 0.3, block: 0.8)
    return Rule(
        id: id,
        detection: .principle(Principle(text: text, screened: screened, thresholds: thresholds)),
        mode: mode,
        onError: onError
    )
}
