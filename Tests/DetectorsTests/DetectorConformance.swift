import Detectors
import Moderation
import Testing

/// What every detector promises, whatever it looks for.
struct DetectorConformance {
    /// Scalars after a match from which on it stays, however the text goes on.
    static let settlingScalars = 2

    let detector: any Detector
    /// Texts with something to find in each.
    let samples: [String]

    func check() throws {
        #expect(try detector.matches(in: "").isEmpty)
        for sample in samples {
            #expect(
                try !detector.matches(in: sample).isEmpty,
                "nothing found in sample \(sample.utf8.count) bytes long"
            )
            for text in Self.surroundings(of: sample) {
                let matches = try detector.matches(in: text)
                #expect(!matches.isEmpty, "nothing found in \(text.debugDescription)")
                checkPlaces(of: matches, in: text)
                checkReplacing(matches, in: text)
            }
        }
        try checkGrowth(samples.joined(separator: " · "))
        try checkGrowth(samples.reversed().joined(separator: "\n") + "\n")
        try checkGrowth(samples.joined(separator: ", ") + "-1 .2 x")
    }

    private static func surroundings(of sample: String) -> [String] {
        [
            sample, "👩‍👩‍👧 \(sample) 🏳️‍🌈", "e\u{301} \(sample) \u{301}x", "\u{FEFF}\(sample)\r\n\(sample)",
            "中文\u{3000}\(sample)。",
            "(\(sample))",
        ]
    }

    private func checkPlaces(of matches: [Match], in text: String) {
        var end = 0
        for match in matches {
            #expect(match.range.lowerBound >= end, "out of order or overlapping")
            #expect(!match.range.isEmpty && match.range.upperBound <= text.utf8.count, "empty or beyond the end")
            end = match.range.upperBound
            for offset in [match.range.lowerBound, match.range.upperBound] {
                let index = text.utf8.index(text.utf8.startIndex, offsetBy: offset)
                #expect(index.samePosition(in: text.unicodeScalars) != nil, "inside a scalar")
            }
            #expect(!match.label.isEmpty && match.replacement == "[\(match.label.uppercased())]")
        }
    }

    private func checkReplacing(_ matches: [Match], in text: String) {
        let replaced = text.replacing(matches)
        let removed = matches.reduce(0) { $0 + $1.range.count }
        let added = matches.reduce(0) { $0 + $1.replacement.utf8.count }
        #expect(replaced.utf8.count == text.utf8.count - removed + added)
        for match in matches { #expect(replaced.contains(match.replacement)) }
    }

    /// Every byte of a settled match is in a match of each longer text.
    private func checkGrowth(_ text: String) throws {
        var settled: [Range<Int>] = []
        var prefix = ""
        for scalar in text.unicodeScalars {
            prefix.unicodeScalars.append(scalar)
            let matches = try detector.matches(in: prefix)
            for range in settled {
                let isCovered = matches.contains {
                    $0.range.lowerBound <= range.lowerBound && $0.range.upperBound >= range.upperBound
                }
                #expect(isCovered, "lost \(range) in \(prefix.debugDescription)")
                if !isCovered { return }
            }
            let tail = prefix.unicodeScalars.suffix(Self.settlingScalars).reduce(0) { $0 + UTF8.width($1) }
            settled = matches.map(\.range).filter { $0.upperBound <= prefix.utf8.count - tail }
        }
    }
}

@Suite("Every detector keeps the protocol's promises")
struct DetectorConformanceTests {
    @Test("terms")
    func terms() throws {
        let detector = try TermDetector(["project nightingale", "Nightingale", "naïve plan", "夜莺计划", "ΣΊΣΥΦΟΣ"])
        let samples = ["Project  Nightingale", "nightingale", "NAI\u{308}VE plan", "夜莺计划", "σίσυφος"]
        try DetectorConformance(detector: detector, samples: samples).check()
    }

    @Test("stems of terms")
    func stems() throws {
        let lists = [TermList(language: "de", terms: ["Bombe bauen"]), TermList(terms: ["explode"])]
        let detector = try TermDetector(Terms(lists: lists, match: .stem))
        try DetectorConformance(detector: detector, samples: ["Bomben  bauen", "exploding", "Exploded"]).check()
    }

    @Test("patterns")
    func patterns() throws {
        let detector = try PatternDetector([#"MRN-\d{6}"#, #"(?i)\bward \p{Lu}+"#])
        try DetectorConformance(detector: detector, samples: ["MRN-123456", "Ward AÉ"]).check()
    }

    @Test("personal data", arguments: PIIKind.allCases)
    func personalData(kind: PIIKind) throws {
        let samples = try #require(Examples.personalData[kind])
        let named = (Examples.named[kind] ?? []).map { $0.words + $0.data }
        try DetectorConformance(detector: PIIDetector([kind]), samples: samples + named).check()
    }

    @Test("all personal data at once")
    func allPersonalData() throws {
        let samples = PIIKind.allCases.flatMap { Examples.personalData[$0] ?? [] }
        try DetectorConformance(detector: PIIDetector(PIIKind.allCases), samples: samples).check()
    }

    @Test("secrets", arguments: SecretKind.allCases)
    func secrets(kind: SecretKind) throws {
        let samples = try #require(Examples.secrets[kind])
        try DetectorConformance(detector: SecretDetector([kind]), samples: samples).check()
    }

    @Test("all secrets at once")
    func allSecrets() throws {
        let samples = SecretKind.allCases.flatMap { Examples.secrets[$0] ?? [] }
        try DetectorConformance(detector: SecretDetector(SecretKind.allCases), samples: samples).check()
    }
}
