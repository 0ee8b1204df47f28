/// A text made ready for comparing without regard to case.
struct FoldedText {
    /// What a character does at the edge of a word.
    enum Kind {
        /// A letter, digit or mark of a script that puts spaces between words, or an underscore.
        case word
        /// White space.
        case space
        /// Everything else: punctuation, symbols, and letters of scripts without spaces between words.
        case other
    }

    /// One Unicode scalar.
    struct Letter {
        /// The scalar in lower case; U+0020 for all white space.
        var value: UInt32
        /// What it does at the edge of a word.
        var kind: Kind
    }

    /// The scalars.
    var letters: [Letter] = []
    /// Where each begins, in UTF-8 bytes, and the length of the text.
    var offsets: [Int] = []

    /// Folds a text.
    init(_ text: String) {
        letters.reserveCapacity(text.utf8.count)
        offsets.reserveCapacity(text.utf8.count + 1)
        var offset = 0
        for scalar in text.unicodeScalars {
            offsets.append(offset)
            letters.append(Letter(scalar))
            offset += UTF8.width(scalar)
        }
        offsets.append(offset)
    }

    /// The letters with one space for each run of white space, and none at the ends.
    var collapsed: [Letter] {
        var out: [Letter] = []
        for letter in letters where letter.kind != .space || (out.last.map { $0.kind != .space } ?? false) {
            out.append(letter)
        }
        if out.last?.kind == .space { out.removeLast() }
        return out
    }
}

extension FoldedText.Letter {
    /// Folds a scalar.
    init(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x61...0x7A, 0x30...0x39, 0x5F: self.init(value: scalar.value, kind: .word)
        case 0x41...0x5A: self.init(value: scalar.value + 0x20, kind: .word)
        case 0x20, 0x09...0x0D: self.init(value: 0x20, kind: .space)
        case 0..<0x80: self.init(value: scalar.value, kind: .other)
        default: self.init(beyondASCII: scalar)
        }
    }

    private init(beyondASCII scalar: Unicode.Scalar) {
        let properties = scalar.properties
        if properties.isWhitespace {
            self.init(value: 0x20, kind: .space)
            return
        }
        let lower = properties.lowercaseMapping.unicodeScalars
        var value = lower.count == 1 ? lower[lower.startIndex].value : scalar.value
        // The sigma that ends a word is the same letter.
        if value == 0x3C2 { value = 0x3C3 }
        self.init(value: value, kind: Self.isPartOfWord(scalar) ? .word : .other)
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Thai and Lao; Burmese; Khmer; kana, ideographs and their marks; half-width kana; ideographs beyond the first plane.
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x2E80...0x312F, 0x31A0...0x9FFF, 0xF900...0xFAFF,
            0xFF66...0xFF9F, 0x1B000...0x1B16F, 0x20000...0x3FFFF:
            return false
        // Variation selectors follow emoji.
        case 0xFE00...0xFE0F: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber, .letterNumber, .otherNumber:
            return true
        default: return false
        }
    }
}
