/// What bytes say, if they are text that a person could have written.
enum DecodedBytes {
    /// The text; nil for anything else.
    ///
    /// - Parameter isSure: whether it is known that text was encoded; otherwise few bytes have to be nearly all letters.
    static func text(_ bytes: [UInt8], isSure: Bool) -> String? {
        // An encoding that is cut off, as in a stream, may end inside a character.
        var whole = bytes[...]
        for _ in 0..<3 {
            guard let last = whole.last, last >= 0x80 else { break }
            let lead = whole.lastIndex { $0 >= 0xC0 } ?? whole.startIndex
            let width = whole[lead] >= 0xF0 ? 4 : whole[lead] >= 0xE0 ? 3 : 2
            guard whole.endIndex - lead < width else { break }
            whole = whole[..<lead]
        }
        guard !whole.isEmpty, let text = String(validating: whole, as: UTF8.self) else { return nil }
        var letters = 0
        var lower = 0
        var signs = 0
        for scalar in text.unicodeScalars {
            let value = scalar.value
            if value < 0x20, !(0x09...0x0D).contains(value) { return nil }
            if value == 0x7F || (0x80..<0xA0).contains(value) || (0xE000...0xF8FF).contains(value) { return nil }
            if Scalars.isLetter(value) {
                letters += 1
                if value >= 0x61 { lower += 1 }
            } else if !Scalars.isSpace(value) {
                signs += 1
            }
        }
        let count = text.unicodeScalars.count
        if isSure { return text }
        if count >= 16 { return letters + signs > 0 ? text : nil }
        return letters * 10 >= count * 7 && lower * 2 >= letters && signs * 5 <= count ? text : nil
    }

    /// Whether a text is made of words, so that it says something to the model.
    static func isLanguage(_ text: String) -> Bool {
        var letters = 0
        var others = 0
        for scalar in text.unicodeScalars {
            if Scalars.isLetter(scalar.value) { letters += 1 } else if !Scalars.isSpace(scalar.value) { others += 1 }
        }
        guard letters >= 4, letters >= others * 4 else { return false }
        return text.unicodeScalars.count < 24
            || text.unicodeScalars.contains { Scalars.isSpace($0.value) || $0.value > 0x2E80 }
    }
}
