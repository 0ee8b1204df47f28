import Detectors
import Moderation
import Testing

@Suite("Reading texts that grow, and long ones")
struct ReadingGrowthTests {
    private static let pieces = [
        "bomb", "b0mb", "b o m b", "b.o.m.b", "b\u{43E}mb", "Ym9tYiBhbmQgdGVh", "%62%6f%6d%62", "ubj gb znxr n obzo",
        "booomb", "how to",
        "make", "a", "Москва", "\u{200B}", ". ", " ", " ", " ", "\n", "626f6d62", "x", "8", "\u{301}", "🏴", "-", "k1ll",
    ]

    /// Stretches of the text that are `bomb` in one of its readings or as it stands.
    private func found(in text: String, by detector: TermDetector) -> [Range<Int>] {
        detector.matches(in: text).map(\.range)
            + DisguiseReader().readings(of: text).flatMap { reading in
                detector.matches(in: reading.text).map { reading.original($0).range }
            }
    }

    @Test("what is found before the last word stays found however the text goes on", arguments: 0..<40)
    func growth(seed: UInt64) throws {
        var generator = Seeded(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
        let detector = try TermDetector(["bomb"])
        let parts = (0..<12).map { _ in Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &generator)] }
        let text = parts.joined(separator: Bool.random(using: &generator) ? " " : "")
        var settled: [Range<Int>] = []
        var prefix = ""
        for scalar in text.unicodeScalars {
            prefix.unicodeScalars.append(scalar)
            let now = found(in: prefix, by: detector)
            for range in settled {
                let isCovered = now.contains { $0.lowerBound <= range.lowerBound && $0.upperBound >= range.upperBound }
                #expect(isCovered, "lost \(range) in \(prefix.debugDescription)")
                if !isCovered { return }
            }
            let lastWord = prefix.unicodeScalars.reversed().drop { $0.properties.isWhitespace }
                .prefix { !$0.properties.isWhitespace }
            let tail = prefix.unicodeScalars.reversed().prefix { $0.properties.isWhitespace }
            let open = (Array(lastWord) + Array(tail)).reduce(0) { $0 + UTF8.width($1) }
            settled = now.filter { $0.upperBound <= prefix.utf8.count - open }
        }
    }

    @Test(
        "a long text is read to its end",
        arguments: [
            "a", "a ", "a.", "a-b", "ab0", "%41", "%", "YWJj", "YWJj\n", "62 ", "\\x62", "0110", "b\u{43E}", "\u{200B}",
            "\u{E0041}",
            "\u{301}", "\u{202E}a", "gur ", "🇩", "é", "x_", "aaab", "1", "a1", "中", "ｋ", "k*",
        ]
    )
    func longTexts(unit: String) {
        let text = String(repeating: unit, count: 40_000 / unit.utf8.count) + "\n how b0mb"
        let readings = DisguiseReader().readings(of: text)
        #expect(readings.contains { $0.kind == .collapsed && $0.text.hasSuffix("how bomb") })
        #expect(readings.allSatisfy { $0.text.utf8.count <= text.utf8.count * 4 })
    }
}

/// The same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
