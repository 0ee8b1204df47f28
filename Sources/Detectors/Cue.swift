/// Words before a number that say what it is.
///
/// Many numbers have no form of their own: ten digits are a telephone number after "call me on", and an order after "order". The
/// nearest word decides. Only what stands before counts, so that a growing text never takes a match back.
struct Cue: Sendable {
    /// Bytes before the number that are looked at.
    private static let reachBytes = 48

    private let words: CompiledPattern
    private let others: CompiledPattern

    /// Compiles a cue.
    ///
    /// - Parameters:
    ///   - words: a pattern of what says that the number is one; case doesn't matter.
    ///   - others: a pattern of what says that it is something else.
    init(_ words: String, unless others: String = Cue.otherNumbers) {
        self.words = CompiledPattern(builtIn: "(?i)" + words)
        self.others = CompiledPattern(builtIn: "(?i)" + others)
    }

    /// Whether the number that begins at a UTF-8 offset is named by the words before it, with at most one other digit in between.
    func names(_ offset: Int, in text: Recognizer.Text) throws(PatternSearchError) -> Bool {
        var start = max(0, offset - Self.reachBytes)
        while start < offset, text[start] & 0xC0 == 0x80 { start += 1 }
        let before = Recognizer.Text(rebasing: text[start..<offset])
        guard let word = try words.ranges(in: before).last else { return false }
        if let other = try others.ranges(in: before).last, other.upperBound > word.upperBound { return false }
        return before[word.upperBound...].count { (0x30...0x39).contains($0) } <= 1
    }

    /// What numbers are that nobody can call, pay with or be known by.
    static let otherNumbers = #"""
        (?<! [a-z] ) (?:
            orders? | invoices? | ref (?: erence )? s? | tickets? | cases? | track (?: ing )? | parcels? | serial | parts? | sku
        |   isbn | issn | ean | upc | gtin | doi | [ug]?uid | id s? | zip | postcodes? | versions? | builds? | epoch
        |   time (?: stamp )? s? | ts | codes? | pin | otp | amounts? | prices? | costs? | totals? | sums? | usd | eur | gbp | size
        |   models? | rooms? | pages? | errors? | lines? | rows? | batch (?: es )? | commits? | article | section | items?
        ) (?! [a-z] )
        | [$€£¥]
        """#
}
