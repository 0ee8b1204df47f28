/// A word with digits and signs in the place of letters: `k1ll`, `b0mb`, `p@ssw0rd`.
struct LeetWord {
    /// The token with letters for its digits.
    private(set) var units: [MappedText.Unit]
    /// Whether it is worth asking the model.
    private(set) var isTrick: Bool

    /// The letter that a digit or sign stands for.
    static func letter(for value: UInt32, choice: CollapsedText.Choice) -> UInt32? {
        switch value {
        case 0x30: 0x6F
        case 0x31, 0x21: choice == .first ? 0x69 : 0x6C
        case 0x33: 0x65
        case 0x34, 0x40: 0x61
        case 0x35, 0x24: 0x73
        case 0x37: 0x74
        case 0x38: 0x62
        case 0x39: 0x67
        default: nil
        }
    }

    /// Reads a token; nil when it is none: a number, a name with a version, an address, a key.
    init?(_ token: ArraySlice<MappedText.Unit>, choice: CollapsedText.Choice) {
        guard let core = Self.core(token) else { return nil }
        let letters = core.filter(\.isLetter)
        let replaced = core.indices.filter { !core[$0].isLetter }
        guard !replaced.isEmpty, !letters.isEmpty, (3...24).contains(core.count), replaced.count * 3 <= core.count * 2,
            core.allSatisfy({ Scalars.isASCIILetter($0.value) || Self.letter(for: $0.value, choice: choice) != nil }),
            !Self.isNameOrNumber(core)
        else { return nil }
        units = Array(token)
        for index in replaced {
            let isUpper = letters.count > 1 && letters.allSatisfy { $0.value < 0x60 }
            let letter = Self.letter(for: core[index].value, choice: choice) ?? core[index].value
            units[index - token.startIndex].value = isUpper ? letter - 0x20 : letter
        }
        let word = units[core.startIndex - token.startIndex..<core.endIndex - token.startIndex]
        isTrick = Self.looksLikeWord(word, among: core)
    }

    /// The token without what surrounds a word.
    private static func core(_ token: ArraySlice<MappedText.Unit>) -> ArraySlice<MappedText.Unit>? {
        func isPart(_ unit: MappedText.Unit) -> Bool {
            Scalars.isASCIILetter(unit.value) || unit.isDigit || unit.value == 0x40 || unit.value == 0x24
        }
        guard let first = token.firstIndex(where: isPart), let last = token.lastIndex(where: isPart) else { return nil }
        let core = token[first...last]
        guard core.allSatisfy({ isPart($0) || $0.value == 0x21 }) else { return nil }
        return core
    }

    /// Whether digits only lead or trail, as in `mp3` and `4th`, or stand in long rows, as in keys and numbers.
    private static func isNameOrNumber(_ core: ArraySlice<MappedText.Unit>) -> Bool {
        let isLetter = core.map(\.isLetter)
        let inner = zip(isLetter.indices, isLetter).filter { index, letter in
            !letter && isLetter[..<index].contains(true) && isLetter[(index + 1)...].contains(true)
        }
        let leads = isLetter.prefix { !$0 }.count
        let isLedByLetter =
            leads == 1 && isLetter.count >= 4 && [0x24, 0x40, 0x35].contains(core[core.startIndex].value)
        let endsInSigns = core.suffix(2).allSatisfy { $0.value == 0x24 }
        guard !inner.isEmpty || isLedByLetter || endsInSigns else { return true }
        var row = 0
        for (unit, next) in zip(core, core.dropFirst()) {
            row = unit.isLetter || next.isLetter || unit.value == next.value ? 0 : row + 1
            if row >= 2 { return true }
        }
        // i18n
        let digits = core.dropFirst().dropLast().map(\.value)
        if digits.count == 2, core.dropFirst().dropLast().allSatisfy(\.isDigit),
            digits[0] != digits[1] || digits[0] == 0x31
        {
            return true
        }
        let isHex =
            core.count >= 6
            && core.allSatisfy { unit in
                unit.isDigit || (0x61...0x66).contains(Scalars.lowercased(unit.value))
            }
        return isHex
    }

    /// Whether the word has the shape of one, and its digits were not part of a name such as `B2B`.
    private static func looksLikeWord(_ word: ArraySlice<MappedText.Unit>, among core: ArraySlice<MappedText.Unit>)
        -> Bool
    {
        let letters = core.filter(\.isLetter).map(\.value)
        let isLower = letters.allSatisfy { $0 >= 0x61 }
        let isUpper = letters.allSatisfy { $0 < 0x61 }
        let isCapitalised = letters.dropFirst().allSatisfy { $0 >= 0x61 }
        guard isLower || isCapitalised || isUpper && letters.count >= 3 else { return false }
        let vowels = word.count { Scalars.isVowel($0.value) }
        guard word.count >= 3, vowels > 0, vowels < word.count else { return false }
        var consonants = 0
        for unit in word {
            consonants = Scalars.isVowel(unit.value) ? 0 : consonants + 1
            if consonants > 3 { return false }
        }
        // A digit between letters that makes the vowel they lack, or several digits.
        let inner = zip(core, core.dropFirst()).count { $0.isLetter != $1.isLetter }
        let lackedVowel = letters.allSatisfy { !Scalars.isVowel($0) }
        return word.count >= 4 ? inner >= 2 : lackedVowel
    }
}
