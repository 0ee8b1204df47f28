internal import Foundation

/// Numbers for what terms are made of: words (or their stems), white space, other characters.
struct TermVocabulary: Sendable {
    /// Language whose rules cut the endings off; nil for whole words.
    let language: String?

    /// The longest word that is stemmed, in letters.
    static let longestStemmed = 64
    private static let space: Int32 = 0

    private var count: Int32 = 1
    /// Words letter by letter: node and letter to node.
    private var edges: [UInt64: Int32] = [:]
    private var nodes: Int32 = 1
    private var words: [Int32: Int32] = [:]
    private var stems: [String: Int32] = [:]
    private var others: [UInt32: Int32] = [:]

    init(language: String?) { self.language = language }

    // MARK: Terms

    /// The symbols of a term, new ones where it says something new.
    mutating func symbols(adding term: String) -> [Int32] {
        // Letters may be composed or not; each way of writing a word is the same symbol.
        let composed = FoldedText(term.precomposedStringWithCanonicalMapping).collapsed
        let decomposed = FoldedText(term.decomposedStringWithCanonicalMapping).collapsed
        let tokens = TermTokens(composed).tokens
        let others = TermTokens(decomposed).tokens
        let stemmer = language.flatMap { Stemmer(language: $0) }
        return tokens.enumerated().map { index, token in
            switch token.kind {
            case .space: return Self.space
            case .other: return number(of: composed[token.letters.lowerBound].value)
            case .word:
                if let stem = stemmer?.stem(of: Self.text(composed[token.letters])) { return number(ofStem: stem) }
                let word = composed[token.letters].map(\.value)
                let symbol = number(of: word)
                if others.count == tokens.count { add(decomposed[others[index].letters].map(\.value), as: symbol) }
                return symbol
            }
        }
    }

    private mutating func number(of other: UInt32) -> Int32 {
        if let symbol = others[other] { return symbol }
        defer { count += 1 }
        others[other] = count
        return count
    }

    private mutating func number(ofStem stem: String) -> Int32 {
        if let symbol = stems[stem] { return symbol }
        defer { count += 1 }
        stems[stem] = count
        return count
    }

    private mutating func number(of word: [UInt32]) -> Int32 {
        let node = node(adding: word)
        if let symbol = words[node] { return symbol }
        defer { count += 1 }
        words[node] = count
        return count
    }

    private mutating func add(_ word: [UInt32], as symbol: Int32) {
        let node = node(adding: word)
        if words[node] == nil { words[node] = symbol }
    }

    private mutating func node(adding word: [UInt32]) -> Int32 {
        var node: Int32 = 0
        for letter in word {
            if let next = edges[Self.key(node, letter)] {
                node = next
            } else {
                edges[Self.key(node, letter)] = nodes
                node = nodes
                nodes += 1
            }
        }
        return node
    }

    // MARK: Texts

    /// The symbol of each token; -1 where no term has it.
    func symbols(of tokens: [TermTokens.Token], in letters: [FoldedText.Letter]) -> [Int32] {
        let stemmer = language.flatMap { Stemmer(language: $0) }
        var known: [String: Int32] = [:]
        return tokens.map { token in
            switch token.kind {
            case .space: return token.letters.count <= TermDetector.longestGap ? Self.space : -1
            case .other: return others[letters[token.letters.lowerBound].value] ?? -1
            case .word where language == nil: return symbol(of: letters[token.letters])
            case .word:
                guard token.letters.count <= Self.longestStemmed else { return -1 }
                let word = Self.text(letters[token.letters])
                if let symbol = known[word] { return symbol }
                let symbol = stemmer.flatMap { stems[$0.stem(of: word)] } ?? -1
                known[word] = symbol
                return symbol
            }
        }
    }

    private func symbol(of word: ArraySlice<FoldedText.Letter>) -> Int32 {
        var node: Int32 = 0
        for letter in word {
            guard let next = edges[Self.key(node, letter.value)] else { return -1 }
            node = next
        }
        return words[node] ?? -1
    }

    private static func text(_ letters: ArraySlice<FoldedText.Letter>) -> String {
        var text = String.UnicodeScalarView()
        for letter in letters { if let scalar = Unicode.Scalar(letter.value) { text.append(scalar) } }
        let isASCII = letters.allSatisfy { $0.value < 0x80 }
        return isASCII ? String(text) : String(text).precomposedStringWithCanonicalMapping
    }

    private static func key(_ node: Int32, _ letter: UInt32) -> UInt64 {
        UInt64(UInt32(bitPattern: node)) << 32 | UInt64(letter)
    }
}
