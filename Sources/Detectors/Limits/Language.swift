internal import CLanguage

/// Tells languages apart, by script and by groups of letters (Compact Language Detector 2).
enum Language {
    /// Languages that a policy can name, as two-letter codes.
    static let known = [
        "af", "ar", "be", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr",
        "ga", "gl", "gu", "he",
        "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kn", "ko", "lt", "lv", "mk", "ml", "mr", "ms", "mt",
        "nl", "no", "pa", "pl",
        "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "yi",
        "zh",
    ]

    /// Fewest words of a text that is judged, in scripts with spaces between words.
    static let fewestWords = 5
    /// Fewest letters of a text that is judged, in scripts without.
    static let fewestLetters = 8
    /// Part of a text, in percent, that must be in one language.
    static let fewestPercent: Int32 = 70

    /// The language of a text; nil where it is too short, mixed, or not sure.
    static func of(_ text: String) -> String? {
        guard isLongEnough(text) else { return nil }
        let code = text.withUTF8Bytes { bytes -> String? in
            guard let base = bytes.baseAddress else { return nil }
            return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) { characters in
                var percent: Int32 = 0
                guard let code = language_of(characters, Int32(clamping: bytes.count), &percent),
                    percent >= fewestPercent
                else {
                    return nil
                }
                return String(cString: code)
            }
        }
        return code.map(name(of:))
    }

    /// The two-letter code that ISO 639-1 has today.
    private static func name(of code: String) -> String {
        switch code {
        case "iw": "he"
        case "jw": "jv"
        case "in": "id"
        case "nb", "nn": "no"
        case "fil": "tl"
        case "mo": "ro"
        case "bs", "sh": "hr"
        default: String(code.prefix(while: { $0 != "-" }))
        }
    }

    /// Whether two languages can't be told apart in a short text.
    static func isLike(_ a: String, _ b: String) -> Bool {
        let families: [Set<String>] = [["id", "ms"], ["hr", "sr"], ["no", "da"], ["cs", "sk"], ["bg", "mk"]]
        return a == b || families.contains { $0.contains(a) && $0.contains(b) }
    }

    private static func isLongEnough(_ text: String) -> Bool {
        var words = 0
        var dense = 0
        var isInWord = false
        for scalar in text.unicodeScalars.prefix(4096) {
            let isLetter = Scalars.isLetter(scalar.value)
            // An address is one word.
            if isLetter, !isInWord { words += 1 }
            isInWord = isLetter || isInWord && !Scalars.isSpace(scalar.value)
            if isLetter, (0x0E00...0x0EFF).contains(scalar.value) || (0x2E80...0x9FFF).contains(scalar.value) {
                dense += 1
            }
            if words >= fewestWords || dense >= fewestLetters { return true }
        }
        return false
    }
}
