import Moderation

/// One string of a streamed answer as it grows: how far it was judged, and how far it may be released.
///
/// All offsets are UTF-8 bytes into the whole text.
struct StreamTrack: Sendable {
    let field: StreamField
    /// Everything received.
    private(set) var text: [UInt8] = []
    /// How far it was judged.
    private(set) var judged = 0
    /// How far it may be released.
    private(set) var safe = 0
    /// What is to be replaced in the judged part.
    private(set) var matches: [Match] = []
    /// How much text the choice had, in all its strings, when this one last grew.
    private(set) var lastGrowth = 0
    /// The last text that the stream says anew in each event, and where it stands.
    private var label: (text: String, place: Range<Int>)?

    init(field: StreamField) {
        self.field = field
    }

    var unjudged: Int { text.count - judged }

    /// Where a piece stands that is no news; nil for one to be added.
    func place(of piece: StreamEvent.Text) -> Range<Int>? {
        guard piece.isRepeated else { return nil }
        // Only what was said last: words spelled in pieces, some of them alike, are news.
        if let label, label.text == piece.text { return label.place }
        return (piece.text.utf8.elementsEqual(text) ? 0..<text.count : nil)
    }

    /// Adds a piece and returns its place.
    mutating func append(_ piece: StreamEvent.Text, choiceBytes: Int) -> Range<Int> {
        let start = text.count
        text += piece.text.utf8
        lastGrowth = choiceBytes
        if piece.isRepeated { label = (piece.text, start..<text.count) }
        return start..<text.count
    }

    /// The text up to a place, as a part to judge.
    func part(upTo end: Int) -> Part {
        Part(kind: field.kind, text: String(decoding: text[..<end], as: UTF8.self), pointer: field.pointer)
    }

    /// Takes note that the text up to `end` was judged with a result that releases nothing.
    mutating func hold(upTo end: Int) { judged = max(judged, end) }

    /// Takes the result of judging the text up to `end`.
    ///
    /// - Parameter isWhole: whether no more text will come, so that nothing need be held back.
    mutating func settle(upTo end: Int, matches found: [Match], isWhole: Bool, windows: StreamWindows) {
        judged = max(judged, end)
        let known = Set(matches.map(\.range.lowerBound))
        matches = found.filter { !$0.range.isEmpty }.map { match in
            // A stretch longer than what is held back, whose beginning is out: its replacement stands for the rest.
            guard match.range.lowerBound < safe, match.range.upperBound > safe, !known.contains(match.range.lowerBound)
            else { return match }
            return Match(range: safe..<match.range.upperBound, label: match.label, replacement: match.replacement)
        }
        guard !isWhole else {
            safe = max(safe, end)
            return
        }
        var boundary = windows.wordEnd(in: text, before: end - windows.holdBackBytes)
        // A match that reaches the boundary may yet grow: it waits until text that doesn't belong to it was judged.
        for match in matches.reversed() where match.range.lowerBound < boundary && match.range.upperBound >= boundary {
            boundary = match.range.lowerBound
        }
        safe = max(safe, boundary)
    }

    /// What stands in place of a piece after replacement.
    ///
    /// A replacement appears where its match begins.
    func released(_ piece: Range<Int>) -> String {
        var out: [UInt8] = []
        var position = piece.lowerBound
        for match in matches where match.range.overlaps(piece) {
            if match.range.lowerBound > position { out += text[position..<match.range.lowerBound] }
            if match.range.lowerBound >= piece.lowerBound { out += match.replacement.utf8 }
            position = min(match.range.upperBound, piece.upperBound)
        }
        if position < piece.upperBound { out += text[position..<piece.upperBound] }
        return String(decoding: out, as: UTF8.self)
    }

    /// What stands in the place of stretches that may be released.
    var releasedReplacements: [String] {
        matches.filter { $0.range.lowerBound < safe }.map(\.replacement)
    }

    /// Whether the piece goes out as it came.
    func isUntouched(_ piece: Range<Int>) -> Bool { !matches.contains { $0.range.overlaps(piece) } }
}
