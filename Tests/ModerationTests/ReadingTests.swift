import Moderation
import Testing

/// Reads `t-e-a` as `tea`, and a word after `b64:` as a stretch that says `tea`.
private struct DashReader: TextReader {
    func readings(of text: String) -> [Reading] {
        var readings: [Reading] = []
        if text.contains("-") {
            let kept = text.utf8.enumerated().filter { $0.element != 0x2D }
            readings.append(
                Reading(
                    kind: .collapsed,
                    text: String(decoding: kept.map(\.element), as: UTF8.self),
                    isForModel: true,
                    offsets: kept.map(\.offset) + [text.utf8.count]
                )
            )
        }
        if let place = text.firstRange(of: "b64:x") {
            let start = text.utf8.distance(from: text.startIndex, to: place.lowerBound)
            let words = text.replacing("b64:x", with: "tea", maxReplacements: 1)
            let offsets = Array(0..<start) + [start, start, start] + Array(start + 5...text.utf8.count)
            readings.append(Reading(kind: .decoded, text: words, isForModel: false, offsets: offsets))
        }
        return readings
    }
}

/// ``WordDetector`` that looks in some readings.
private struct Builder: DetectorBuilder {
    struct Finder: Detector {
        var base: WordDetector
        var readingKinds: Set<Reading.Kind>

        func matches(in text: String) throws -> [Match] { try base.matches(in: text) }
    }

    var kinds: Set<Reading.Kind>

    func detector(for detection: Detection) throws(DetectionError) -> (any Detector)? {
        guard case .terms(let terms) = detection, let term = terms.all.first else { return nil }
        return Finder(base: WordDetector(word: term), readingKinds: kinds)
    }
}

@Suite("Other readings of a text")
struct ReadingTests {
    private func judge(_ text: String, kinds: Set<Reading.Kind>, rules: [Rule]? = nil) async throws -> Judgement {
        let tea = Rule(id: "tea", detection: .terms(["tea"]), action: .redact)
        let policy = PolicySet(name: "test", revision: "r1", rules: rules ?? [tea])
        let moderator = try Moderator(
            policy: policy,
            detectors: Builder(kinds: kinds),
            classifier: FakeClassifier(),
            reader: DashReader()
        )
        return try await moderator.judge(Subject(direction: .prompt, turns: [Turn(.user, text)]))
    }

    @Test("what a reading shows is replaced in the text as it was written")
    func redaction() async throws {
        let judgement = try await judge("no t-e-a please", kinds: [.collapsed])
        #expect("no t-e-a please".replacing(judgement.redactions[0].matches) == "no [WORD] please")
    }

    @Test("a stretch that was decoded is replaced as a whole")
    func stretch() async throws {
        let judgement = try await judge("see b64:x now", kinds: [.decoded])
        #expect("see b64:x now".replacing(judgement.redactions[0].matches) == "see [WORD] now")
    }

    @Test("a detector looks only in readings of its kinds")
    func kinds() async throws {
        #expect(try await judge("t-e-a b64:x", kinds: []).outcome == .allow)
    }

    @Test("the model is asked about readings that say something else, and the higher score counts")
    func model() async throws {
        let judgement = try await judge("b-a-d", kinds: [], rules: [principleRule("p", "bad")])
        #expect(judgement.verdicts[0].score == 0.9)
        #expect(judgement.outcome == .block)
    }
}
