/// The second writing of a key, found in the text: Yams tells only where the first one is.
struct DuplicateKey {
    /// Line, from 1.
    let line: Int
    /// Column in Unicode scalars, from 1.
    let column: Int
    /// The text with the second writing replaced by a marker of the same length.
    let repaired: String

    /// Looks below a key in block style for the next one of the same name and indentation; nil when it isn't written so.
    init?(key: String, line first: Int, column: Int, text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.unicodeScalars) }
        let name = Array(key.unicodeScalars)
        var index = first
        while index < lines.count {
            let indentation = lines[index].prefix { $0 == " " }.count
            let rest = lines[index].dropFirst(indentation)
            if !rest.isEmpty, rest.first != "#", rest.first != "\r" {
                // A line further left ends the mapping, unless the first key stood there itself (in flow style).
                guard indentation >= column - 1 else { return nil }
                if indentation == column - 1, rest.starts(with: name), rest.dropFirst(name.count).first == ":" {
                    // Each marker differs from all others by its line.
                    let marker = Self.marker(line: index, length: name.count)
                    lines[index].replaceSubrange(indentation..<(indentation + name.count), with: marker)
                    line = index + 1
                    self.column = column
                    repaired = lines.map { String(String.UnicodeScalarView($0)) }.joined(separator: "\n")
                    return
                }
            }
            index += 1
        }
        return nil
    }

    /// Whether a key was put there by a repair.
    static func isMarker(_ key: String) -> Bool {
        key.unicodeScalars.first.map { (0xE000...0xF8FF).contains($0.value) } ?? false
    }

    /// Private-use characters, told apart by the line.
    private static func marker(line: Int, length: Int) -> [Unicode.Scalar] {
        let first = Unicode.Scalar(0xE000 + UInt32(line % 0x1900)) ?? "\u{E000}"
        return [first] + [Unicode.Scalar](repeating: "\u{E000}", count: max(length - 1, 0))
    }
}
