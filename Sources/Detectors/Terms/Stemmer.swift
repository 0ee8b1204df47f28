internal import CStemmer

/// Cuts the endings of words, by Snowball's rules for one language.
///
/// Owns memory that it writes to with each word, so it never leaves the call that made it.
final class Stemmer {
    /// Languages that have rules, as two-letter codes.
    static let languages = [
        "ar", "ca", "da", "de", "el", "en", "es", "eu", "fi", "fr", "ga", "hi", "hu", "hy", "id", "it", "lt", "ne",
        "nl", "no", "pt",
        "ro", "ru", "sr", "sv", "ta", "tr", "yi",
    ]

    private let stemmer: OpaquePointer

    /// Prepares a stemmer; nil for a language without rules.
    init?(language: String) {
        guard Self.languages.contains(language), let stemmer = sb_stemmer_new(language, nil) else { return nil }
        self.stemmer = stemmer
    }

    deinit { sb_stemmer_delete(stemmer) }

    /// The stem of a word in lower case and composed letters.
    func stem(of word: String) -> String {
        word.withUTF8Bytes { bytes in
            guard let base = bytes.baseAddress,
                let stem = sb_stemmer_stem(stemmer, base, Int32(bytes.count))
            else { return word }
            let length = Int(sb_stemmer_length(stemmer))
            return String(decoding: UnsafeBufferPointer(start: stem, count: length), as: UTF8.self)
        }
    }
}
