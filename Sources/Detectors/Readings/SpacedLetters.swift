/// Single letters in a row with the same gap between them: `b o m b`, `b.o.m.b`, `b - o - m - b`.
struct SpacedLetters {
    /// A word that they make.
    struct Word {
        var letters: [MappedText.Unit]
        /// Where the gap before it begins; nil for the first.
        var gapStart: Int32?
    }

    /// The words, by wider gaps and by what is a word; none for what only looks so: two letters, an alphabet.
    private(set) var words: [Word] = []
    /// Index behind the last letter.
    private(set) var end: Int
    /// Whether it is worth asking the model.
    private(set) var isTrick = false

    /// The longest gap between two letters, in scalars.
    private static let longestGap = 4
    private static let fewest = 3

    /// Whether a run could begin here: a lone letter with a gap and another lone letter behind it.
    static func mayBegin(in units: [MappedText.Unit], at index: Int) -> Bool {
        isLone(units, index) && gap(units, after: index) != nil
    }

    /// Reads a run that begins here; nil when there is none.
    init?(in units: [MappedText.Unit], at start: Int) {
        guard Self.isLone(units, start), let gap = Self.gap(units, after: start) else { return nil }
        var groups: [[MappedText.Unit]] = [[Self.letter(units[start])]]
        var gapStarts: [Int32] = [units[start].start]
        var index = start
        while let next = Self.gap(units, after: index),
            next.first?.value == gap.first?.value || gap.first?.isSpace == true
        {
            // A wider gap stands between two words.
            let isWider = next.count > gap.count && next.contains(where: \.isSpace)
            guard isWider || next.map(\.value) == gap.map(\.value) else { break }
            gapStarts.append(units[index + 1].start)
            index += 1 + next.count
            if isWider { groups.append([]) }
            groups[groups.count - 1].append(Self.letter(units[index]))
        }
        let letters = groups.reduce(0) { $0 + $1.count }
        // The second of two letters may begin a run of its own: a b.o.m.b
        end = letters >= Self.fewest && groups[0].count >= 2 ? index + 1 : start + 1
        guard end > start + 1 else { return }
        let values = groups.joined().map { Scalars.lowercased($0.value) }
        let isAlphabet = zip(values, values.dropFirst()).count { $1 == $0 + 1 } * 2 >= letters - 1
        guard !isAlphabet, groups.joined().count(where: \.isLetter) * 2 > letters else { return }
        var first = 0
        for group in groups {
            let starts = CommonWords.starts(in: group.map(\.value)) + [group.count]
            for (from, to) in zip(starts, starts.dropFirst()) {
                let gapStart = words.isEmpty ? nil : gapStarts[first + from]
                words.append(Word(letters: Array(group[from..<to]), gapStart: gapStart))
            }
            first += group.count
        }
        let vowels = values.count { Scalars.isVowel($0) }
        let isLatin = values.allSatisfy { $0 < 0x80 }
        let longest = words.reduce(0) { max($0, $1.letters.count) }
        isTrick = letters >= 4 && longest >= 3 && (!isLatin || vowels > 0 && vowels < letters) && Set(values).count >= 3
    }

    /// Digits among the letters stand for letters.
    private static func letter(_ unit: MappedText.Unit) -> MappedText.Unit {
        var unit = unit
        if let letter = LeetWord.letter(for: unit.value, choice: .first) { unit.value = letter }
        return unit
    }

    private static func isLone(_ units: [MappedText.Unit], _ index: Int) -> Bool {
        guard isLetterLike(units, index) else { return false }
        return !(index > 0 && isWord(units[index - 1])) && !(index + 1 < units.count && isWord(units[index + 1]))
    }

    private static func isLetterLike(_ units: [MappedText.Unit], _ index: Int) -> Bool {
        let unit = units[index]
        // Scripts without spaces between words have single letters anyway.
        if unit.isLetter {
            return unit.value < 0x0E00 || (0x10A0..<0x1100).contains(unit.value)
                || (0x1E00..<0x2000).contains(unit.value)
        }
        return LeetWord.letter(for: unit.value, choice: .first) != nil
    }

    private static func isWord(_ unit: MappedText.Unit) -> Bool { unit.isLetter || unit.isDigit }

    /// What stands between a letter and the next lone one.
    private static func gap(_ units: [MappedText.Unit], after index: Int) -> ArraySlice<MappedText.Unit>? {
        var next = index + 1
        while next < units.count, next - index <= longestGap + 1, !isLetterLike(units, next) {
            let value = units[next].value
            // A list, or another line.
            if isWord(units[next]) || value == 0x2C || value == 0x0A || value == 0x3B { return nil }
            next += 1
        }
        guard next < units.count, next > index + 1, next - index <= longestGap + 1, isLone(units, next) else {
            return nil
        }
        return units[index + 1..<next]
    }
}
