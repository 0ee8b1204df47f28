internal import Foundation
public import Moderation

/// Finds whole words and phrases without regard to case.
///
/// A term begins and ends at the edge of a word in every script that puts spaces between words; in Chinese, Japanese, Thai,
/// Lao, Khmer and Burmese text it is found anywhere. White space in a term stands for any run of it, up to
/// ``longestGap`` characters. Composed and decomposed letters are the same. One pass, however many terms there are.
public struct TermDetector: Detector {
    /// The longest term, in Unicode scalars.
    public static let longestTerm = 500
    /// The longest run of white space that stands for the white space in a term, in Unicode scalars.
    public static let longestGap = 32

    /// In every reading: a word stays one however it was hidden.
    public var readingKinds: Set<Reading.Kind> { Set(Reading.Kind.allCases) }

    private let trie: TermTrie

    /// Prepares the terms.
    ///
    /// - Throws: `DetectionError` for the first term that is blank or longer than ``longestTerm``.
    public init(_ terms: [String]) throws(DetectionError) {
        var trie = TermTrie()
        for (item, term) in terms.enumerated() {
            // An array: a set would take the two forms for one string.
            for form in [term.precomposedStringWithCanonicalMapping, term.decomposedStringWithCanonicalMapping] {
                let letters = FoldedText(form).collapsed
                guard !letters.isEmpty else {
                    throw DetectionError(item: item, message: "the term is empty", help: "write a word or a phrase")
                }
                guard letters.count <= Self.longestTerm else {
                    throw DetectionError(
                        item: item,
                        message: "the term has \(letters.count) characters; at most \(Self.longestTerm) are allowed",
                        help: "shorten it, or use a principle"
                    )
                }
                trie.insert(letters)
            }
        }
        self.trie = trie
    }

    /// Every stretch that is one of the terms; the longest where several begin alike.
    public func matches(in text: String) -> [Match] {
        let folded = FoldedText(text)
        var found: [Match] = []
        for start in folded.letters.indices {
            let isInsideWord =
                start > 0 && folded.letters[start].kind == .word && folded.letters[start - 1].kind == .word
            guard !isInsideWord, let end = trie.longestMatch(in: folded.letters, from: start) else { continue }
            let range = folded.offsets[start]..<folded.offsets[end]
            found.append(Match(range: range, label: "term", replacement: "[TERM]"))
        }
        return found.union()
    }

    /// The most UTF-8 bytes that a match of a term can have.
    static func longestMatchBytes(of term: String) -> Int {
        let letters = FoldedText(term.decomposedStringWithCanonicalMapping).collapsed
        return letters.reduce(0) { $0 + ($1.kind == .space ? longestGap * 3 : 4) }
    }
}

/// The terms, letter by letter.
struct TermTrie: Sendable {
    private var children: [[UInt32: Int]] = [[:]]
    private var isEnd: [Bool] = [false]

    mutating func insert(_ letters: [FoldedText.Letter]) {
        var node = 0
        for letter in letters {
            if let next = children[node][letter.value] {
                node = next
            } else {
                children.append([:])
                isEnd.append(false)
                children[node][letter.value] = children.count - 1
                node = children.count - 1
            }
        }
        isEnd[node] = true
    }

    /// Index after the longest term that begins at `start` and ends at the edge of a word.
    func longestMatch(in letters: [FoldedText.Letter], from start: Int) -> Int? {
        var node = 0
        var index = start
        var best: Int?
        while index < letters.count, let next = children[node][letters[index].value] {
            node = next
            let last = letters[index]
            index += 1
            if last.kind == .space {
                let limit = min(letters.count, index + TermDetector.longestGap - 1)
                while index < limit, letters[index].kind == .space { index += 1 }
            }
            let isInsideWord = last.kind == .word && index < letters.count && letters[index].kind == .word
            if isEnd[node], !isInsideWord { best = index }
        }
        return best
    }
}
