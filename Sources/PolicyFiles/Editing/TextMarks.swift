internal import Yams

/// Offsets of Yams' marks in a text.
///
/// Lines end where libyaml ends them: at a line feed, a carriage return, both in a row, U+0085, U+2028 and U+2029. Columns count
/// Unicode scalars.
struct TextMarks {
    let scalars: [Unicode.Scalar]
    private let lineStarts: [Int]

    init(_ text: String) {
        let scalars = Array(text.unicodeScalars)
        var starts = [0]
        for index in scalars.indices where Self.isBreak(scalars[index]) {
            let isFirstOfTwo = scalars[index] == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
            if !isFirstOfTwo { starts.append(index + 1) }
        }
        self.scalars = scalars
        lineStarts = starts
    }

    /// Where a mark points; nil when it is outside the text.
    func offset(of mark: Mark?) -> Int? {
        guard let mark, lineStarts.indices.contains(mark.line - 1) else { return nil }
        let offset = lineStarts[mark.line - 1] + mark.column - 1
        return offset <= scalars.count ? offset : nil
    }

    /// Where the line that holds `offset` begins.
    func lineStart(_ offset: Int) -> Int {
        var start = offset
        while start > 0, !Self.isBreak(scalars[start - 1]) { start -= 1 }
        return start
    }

    /// Where the line that holds `offset` ends, before its line break.
    func lineEnd(_ offset: Int) -> Int {
        scalars[offset...].firstIndex(where: Self.isBreak) ?? scalars.count
    }

    /// Where the line after the one that holds `offset` begins; the end of the text when there is none.
    func nextLine(_ offset: Int) -> Int {
        lineStarts.first { $0 > offset } ?? scalars.count
    }

    /// The line break that the text uses first; a line feed when it has none.
    var lineBreak: String {
        guard let index = scalars.firstIndex(where: Self.isBreak) else { return "\n" }
        let isPair = scalars[index] == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
        return isPair ? "\r\n" : String(scalars[index])
    }

    /// The first offset from `start` on that is neither white space, a line break nor in a comment.
    func skippingSpace(_ start: Int) -> Int {
        var index = start
        while index < scalars.count {
            let scalar = scalars[index]
            if scalar == "#", index == 0 || Self.isSpace(scalars[index - 1]) || Self.isBreak(scalars[index - 1]) {
                index = lineEnd(index)
            } else if Self.isSpace(scalar) || Self.isBreak(scalar) {
                index += 1
            } else {
                break
            }
        }
        return index
    }

    static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
    }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
}
