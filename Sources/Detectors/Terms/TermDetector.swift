internal import Foundation
public import Moderation

/// Finds words and phrases without regard to case, whole or by their stems.
///
/// A term begins and ends at the edge of a word in every script that puts spaces between words; in Chinese, Japanese, Thai,
/// Lao, Khmer and Burmese text it is found anywhere. White space in a term stands for any run of it, up to
/// ``longestGap`` characters. Composed and decomposed letters are the same. One pass for each language, however many terms
/// there are.
public struct TermDetector: Detector {
    /// The longest term, in Unicode scalars.
    public static let longestTerm = 500
    /// The longest run of white space that stands for the white space in a term, in Unicode scalars.
    public static let longestGap = 32

    /// In every reading: a word stays one however it was hidden.
    public var readingKinds: Set<Reading.Kind> { Set(Reading.Kind.allCases) }

    private let searches: [(vocabulary: TermVocabulary, automaton: TermAutomaton)]

    /// Prepares words and phrases that are compared whole.
    ///
    /// - Throws: `DetectionError` for the first term that is blank or longer than ``longestTerm``.
    public init(_ terms: [String]) throws(DetectionError) {
        try self.init(Terms(lists: [TermList(terms: terms)]))
    }

    /// Prepares the terms.
    ///
    /// - Throws: `DetectionError` for the first term that is blank or longer than ``longestTerm``, or whose language has no
    ///   rules for stems where they are asked for.
    public init(_ terms: Terms) throws(DetectionError) {
        var lists: [(language: String?, terms: [String])] = []
        var item = 0
        for list in terms.lists {
            try Self.check(list, isStemmed: terms.match == .stem, from: item)
            item += list.terms.count
            let language = terms.match == .stem ? list.language : nil
            if let index = lists.firstIndex(where: { $0.language == language }) {
                lists[index].terms += list.terms
            } else {
                lists.append((language, list.terms))
            }
        }
        searches = lists.map { list in
            var vocabulary = TermVocabulary(language: list.language)
            let sequences = list.terms.map { vocabulary.symbols(adding: $0) }
            return (vocabulary, TermAutomaton(sequences))
        }
    }

    private static func check(_ list: TermList, isStemmed: Bool, from first: Int) throws(DetectionError) {
        if isStemmed, !Stemmer.languages.contains(list.language) {
            throw DetectionError(
                item: first,
                message: "there are no rules for stems in the language '\(list.language)'",
                help:
                    "'match: stem' knows \(Stemmer.languages.joined(separator: ", ")); 'match: word' knows every language"
            )
        }
        for (item, term) in list.terms.enumerated() {
            let count = FoldedText(term).collapsed.count
            guard count > 0 else {
                throw DetectionError(item: first + item, message: "the term is empty", help: "write a word or a phrase")
            }
            guard count <= longestTerm else {
                throw DetectionError(
                    item: first + item,
                    message: "the term has \(count) characters; at most \(longestTerm) are allowed",
                    help: "shorten it, or use a principle"
                )
            }
        }
    }

    /// Every stretch that is one of the terms; overlapping ones are one.
    public func matches(in text: String) -> [Match] {
        let folded = FoldedText(text)
        let tokens = TermTokens(folded.letters).tokens
        var found: [Match] = []
        for (vocabulary, automaton) in searches {
            var state: Int32 = 0
            for (index, symbol) in vocabulary.symbols(of: tokens, in: folded.letters).enumerated() {
                state = automaton.next(after: state, symbol)
                let length = automaton.longestEnding(in: state)
                guard length > 0 else { continue }
                let start = tokens[index - length + 1].letters.lowerBound
                let range = folded.offsets[start]..<folded.offsets[tokens[index].letters.upperBound]
                found.append(Match(range: range, label: "term", replacement: "[TERM]"))
            }
        }
        return found.union()
    }

    /// The most UTF-8 bytes that a match of one of the terms can have.
    static func longestMatchBytes(of terms: Terms) -> Int {
        terms.all.map { term in
            let letters = FoldedText(term.decomposedStringWithCanonicalMapping).collapsed
            return TermTokens(letters).tokens.reduce(0) { bytes, token in
                switch token.kind {
                case .space: bytes + longestGap * 3
                case .word where terms.match == .stem: bytes + TermVocabulary.longestStemmed * 4
                case .word, .other: bytes + token.letters.count * 4
                }
            }
        }.max() ?? 0
    }
}
