/// A text with letters that stand apart put together, digits that stand for letters replaced, and repeated letters written
/// once; numbers and signs lose their meaning.
struct CollapsedText {
    /// Which of two ways to read what can be read in two ways.
    enum Choice {
        /// `1` is an i, and a letter said again and again is one letter.
        case first
        /// `1` is an l, and a letter said again and again is two letters.
        case second
    }

    private(set) var mapped: MappedText
    /// Words that say something else to the model now.
    private(set) var changedWords = 0
    /// Whether there was anything to undo or to choose.
    private(set) var hadTricks = false

    private let source: [MappedText.Unit]
    private let choice: Choice
    /// Words that were spelled with digits and signs.
    private var spelledWords = 0
    /// Digits that are a word by themselves or with one letter, and the letters that they may be.
    private var shortWords: [(index: Int, letter: UInt32)] = []

    /// Collapses a text.
    init(_ text: MappedText, choice: Choice = .first) {
        source = text.units
        self.choice = choice
        mapped = MappedText(units: [], end: text.end)
        mapped.units.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            if let run = SpacedLetters(in: source, at: index) {
                hadTricks = true
                run.words.isEmpty ? mapped.units += source[index..<run.end] : append(run)
                index = run.end
            } else if source[index].isSpace {
                mapped.units.append(source[index])
                index += 1
            } else {
                // Behind a token's first letter, letters may stand apart too: (b.o.m.b)
                var end = index + 1
                while end < source.count, !source[end].isSpace, !SpacedLetters.mayBegin(in: source, at: end) {
                    end += 1
                }
                appendToken(source[index..<end])
                index = end
            }
        }
        spellShortWords()
    }

    private mutating func append(_ run: SpacedLetters) {
        if run.isTrick { changedWords += 1 }
        for word in run.words {
            if let start = word.gapStart { mapped.units.append(MappedText.Unit(value: 0x20, start: start)) }
            mapped.units += unrepeated(word.letters[...])
        }
    }

    private mutating func appendToken(_ token: ArraySlice<MappedText.Unit>) {
        guard Self.mayBeTricky(token) else {
            mapped.units += token
            return
        }
        hadTricks = true
        var token = token
        if let joined = joined(token) { token = joined[...] }
        if let spelled = spelled(token) { token = spelled[...] }
        noteShortWord(token)
        let short = unrepeated(token)
        if short.count < token.count, choice == .first, isStretched(token, short) { changedWords += 1 }
        mapped.units += short
    }

    /// Whether a token has a digit or sign that may stand for a letter or between letters, or the same thing three times.
    private static func mayBeTricky(_ token: ArraySlice<MappedText.Unit>) -> Bool {
        var (last, repeats) = (UInt32.max, 0)
        for unit in token {
            let value = Scalars.lowercased(unit.value)
            repeats = value == last ? repeats + 1 : 0
            last = value
            if repeats >= 2 || unit.isDigit || value == 0x21 || value == 0x24 || value == 0x40 { return true }
            if !Scalars.isASCIILetter(value), fillers.contains(value) { return true }
        }
        return false
    }

    // MARK: Signs inside a word: k*i*ll

    private static let fillers: Set<UInt32> = [0x2A, 0x7C, 0x7E, 0x5E, 0x5F, 0x60, 0xB7, 0x2022, 0x2E31]

    private mutating func joined(_ token: ArraySlice<MappedText.Unit>) -> [MappedText.Unit]? {
        guard token.contains(where: { Self.fillers.contains($0.value) }) else { return nil }
        let core = token.drop { !$0.isLetter }
        var out = Array(token.prefix(core.startIndex - token.startIndex))
        var dropped = 0
        for index in core.indices {
            let isInside = index > core.startIndex && index + 1 < core.endIndex
            if isInside, Self.fillers.contains(core[index].value), isWord(core[index - 1]), isWord(core[index + 1]) {
                dropped += 1
            } else {
                out.append(core[index])
            }
        }
        guard dropped > 0 else { return nil }
        let letters = out.count { $0.isLetter }
        let isName = token.contains { $0.value == 0x5F || $0.value == 0x60 }
        if choice == .first, !isName, letters >= 4, letters == out.count, letters > dropped * 2 || dropped == 1 {
            changedWords += 1
        }
        return out
    }

    private func isWord(_ unit: MappedText.Unit) -> Bool { unit.isLetter || unit.isDigit }

    // MARK: Digits for letters: b0mb

    private mutating func spelled(_ token: ArraySlice<MappedText.Unit>) -> [MappedText.Unit]? {
        guard token.count <= 64, let word = LeetWord(token, choice: choice) else { return nil }
        if word.isTrick {
            spelledWords += 1
            if choice == .first { changedWords += 1 }
        }
        return word.units
    }

    private mutating func noteShortWord(_ token: ArraySlice<MappedText.Unit>) {
        let place = token.firstIndex { !Scalars.isASCIILetter($0.value) }
        guard token.count <= 2, let place, token.count(where: { Scalars.isASCIILetter($0.value) }) == token.count - 1,
            let letter = LeetWord.letter(for: token[place].value, choice: choice),
            token.count == 2 || letter == 0x61 || token[place].value == 0x31
        else { return }
        // By itself, 1 is never an l.
        let isOne = token.count == 1 && token[place].value == 0x31
        shortWords.append((mapped.units.count + place - token.startIndex, isOne ? 0x69 : letter))
    }

    /// Among longer words spelled with digits, short ones are too: `h0w d0 1 bu1ld 4 b0mb`.
    private mutating func spellShortWords() {
        guard spelledWords >= 2, spelledWords >= shortWords.count else { return }
        for word in shortWords { mapped.units[word.index].value = word.letter }
    }

    // MARK: Letters said again and again

    private func unrepeated(_ letters: ArraySlice<MappedText.Unit>) -> [MappedText.Unit] {
        var out: [MappedText.Unit] = []
        out.reserveCapacity(letters.count)
        var index = letters.startIndex
        while index < letters.endIndex {
            var end = index + 1
            let isLetter = letters[index].isLetter && letters[index].value < 0x3000
            while isLetter, end < letters.endIndex, Self.isSame(letters[end].value, letters[index].value) { end += 1 }
            let kept = end - index >= 3 ? (choice == .first ? 1 : 2) : end - index
            out += letters[index..<index + kept]
            index = end
        }
        return out
    }

    private static func isSame(_ a: UInt32, _ b: UInt32) -> Bool { Scalars.lowercased(a) == Scalars.lowercased(b) }

    /// Whether a word is drawn out inside, not at its end as in `sooo`.
    private func isStretched(_ token: ArraySlice<MappedText.Unit>, _ short: [MappedText.Unit]) -> Bool {
        let word = token.drop { !$0.isLetter }
        guard word.prefix(while: \.isLetter).count == word.count || word.suffix(1).allSatisfy({ !$0.isLetter }) else {
            return false
        }
        let letters = Array(word.prefix(while: \.isLetter))
        guard letters.count >= 6, short.count(where: \.isLetter) >= 4, Set(letters.map(\.value)).count >= 3 else {
            return false
        }
        for index in letters.indices.dropFirst().dropLast(3) {
            let isRun = (1...2).allSatisfy { Self.isSame(letters[index].value, letters[index + $0].value) }
            if isRun, letters[(index + 3)...].contains(where: { !Self.isSame($0.value, letters[index].value) }) {
                return true
            }
        }
        return false
    }
}
