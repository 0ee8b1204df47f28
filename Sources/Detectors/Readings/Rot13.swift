/// Undoes the rotation of the alphabet by thirteen letters, where the text turns into English by it.
struct Rot13 {
    private(set) var units: [MappedText.Unit]
    /// Words that were turned.
    private(set) var words = 0

    /// Two of a few words in a row that are common only once they are turned begin a stretch, back to the beginning of the
    /// sentence; three common words in a row that are common as they stand end it.
    init(_ units: [MappedText.Unit]) {
        self.units = units
        var sentence: [Range<Int>] = []
        // The words in a row that decide: four at most.
        var recent = RecentWords()
        var isTurning = false
        var plainWords = 0
        var index = 0
        while index < units.count {
            guard Scalars.isASCIILetter(units[index].value) else {
                if Self.endsSentence(units[index].value) {
                    sentence.removeAll(keepingCapacity: true)
                    recent = RecentWords()
                    isTurning = false
                }
                index += 1
                continue
            }
            let start = index
            while index < units.count, Scalars.isASCIILetter(units[index].value) { index += 1 }
            let word = start..<index
            let isPlain = Self.isCommon(units[word], turned: false)
            let isTurned = !isPlain && !Self.isEnglishBothWays(units[word]) && Self.isCommon(units[word], turned: true)
            plainWords = isPlain ? plainWords + 1 : 0
            recent.add(isTurned)
            if isTurning, plainWords >= 3 { isTurning = false }
            if !isTurning, recent.turned >= 2, recent.turned * 2 >= recent.count {
                isTurning = true
                for word in sentence { turn(word) }
                sentence.removeAll(keepingCapacity: true)
            }
            if isPlain { continue }
            if isTurning {
                turn(word)
            } else if sentence.count < 64 {
                sentence.append(word)
            }
        }
    }

    /// The last few words, and which of them are common only once they are turned.
    private struct RecentWords {
        private(set) var count = 0
        private var bits: UInt8 = 0

        var turned: Int { bits.nonzeroBitCount }

        mutating func add(_ isTurned: Bool) {
            bits = (bits << 1 | (isTurned ? 1 : 0)) & 0b1111
            count = min(4, count + 1)
        }
    }

    /// Turns a word; a letter by itself only where it becomes a word, `a` or `I`.
    private mutating func turn(_ word: Range<Int>) {
        guard word.count > 1 || [0x6E, 0x76].contains(Scalars.lowercased(units[word.lowerBound].value)) else { return }
        words += 1
        for index in word { units[index].value = Self.turned(units[index].value) }
    }

    private static func turned(_ value: UInt32) -> UInt32 {
        let base: UInt32 = value & 0x20 == 0 ? 0x41 : 0x61
        return (value - base + 13) % 26 + base
    }

    private static func isCommon(_ word: ArraySlice<MappedText.Unit>, turned isTurned: Bool) -> Bool {
        guard (2...CommonWords.longest).contains(word.count) else { return false }
        return word.reduce(CommonWords.Code()) { $0.adding(isTurned ? turned($1.value) : $1.value) }.isCommon
    }

    /// Whether a word is English as it stands too, though not a common one: bar, fur, gel, neg, vs.
    private static func isEnglishBothWays(_ word: ArraySlice<MappedText.Unit>) -> Bool {
        word.count <= 3
            && ["bar", "fur", "gel", "neg", "vs"].contains { name in
                name.unicodeScalars.lazy.map(\.value).elementsEqual(word.lazy.map { Scalars.lowercased($0.value) })
            }
    }

    private static func endsSentence(_ value: UInt32) -> Bool {
        [0x2E, 0x21, 0x3F, 0x0A, 0x3A, 0x22].contains(value)
    }
}
