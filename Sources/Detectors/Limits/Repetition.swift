/// How much of a text says again what it said before.
enum Repetition {
    /// Words of a group that counts as said again.
    private static let group = 4

    /// Where a text begins to repeat itself, if more than a part of it does; a UTF-8 offset.
    ///
    /// Counted in words (in scripts without spaces between words, in letters): a word that ends a group of four that stood
    /// before is said again, and so is a character that is written for the fifth time in a row.
    static func start(in text: String, beyond most: Double) -> Int? {
        let letters = FoldedText(text)
        var words: [(hash: Int, start: Int)] = []
        var runLength = 0
        var lastValue: UInt32 = 0
        var drawnOut = 0
        var firstDrawnOut: Int?
        for token in TermTokens(letters.letters).tokens where token.kind != .space {
            var hasher = Hasher()
            for letter in letters.letters[token.letters] { hasher.combine(letter.value) }
            let start = letters.offsets[token.letters.lowerBound]
            words.append((hasher.finalize(), start))
        }
        for (index, letter) in letters.letters.enumerated() where letter.kind != .space {
            runLength = letter.value == lastValue ? runLength + 1 : 1
            lastValue = letter.value
            guard runLength >= 5 else { continue }
            drawnOut += 1
            firstDrawnOut = firstDrawnOut ?? letters.offsets[index]
        }
        let characters = letters.letters.count { $0.kind != .space }
        if characters >= LimitDetector.fewestRepeatingWords, Double(drawnOut) > most * Double(characters) {
            return firstDrawnOut
        }
        guard words.count >= LimitDetector.fewestRepeatingWords else { return nil }
        var seen: Set<[Int]> = []
        var repeated = 0
        var first: Int?
        for end in group...words.count {
            guard !seen.insert(words[end - group..<end].map(\.hash)).inserted else { continue }
            repeated += 1
            first = first ?? words[end - 1].start
        }
        return Double(repeated) > most * Double(words.count) ? first : nil
    }
}
