/// A text with everything that was written in an encoding put in its place, decoded.
struct DecodedText {
    /// How often something may be encoded.
    private static let maxDepth = 3

    private(set) var mapped: MappedText
    /// Whether anything was decoded.
    private(set) var isChanged = false
    /// Whether what was decoded says something to the model.
    private(set) var isTrick = false

    /// Decodes what is encoded in a text, and in what was decoded.
    init(_ plain: PlainText, depth: Int = 1) {
        let changes = Self.changes(of: plain)
        guard !changes.isEmpty else {
            mapped = plain.mapped
            return
        }
        mapped = MappedText(units: [], end: plain.mapped.end)
        let units = plain.mapped.units
        var position = 0
        for change in changes {
            guard change.range.lowerBound >= position else { continue }
            mapped.units += units[position..<change.range.lowerBound]
            insert(change, depth: depth)
            position = change.range.upperBound
        }
        mapped.units += units[position...]
    }

    private struct Change {
        var range: Range<Int>
        var start: Int32
        var text: String
        var isTrick: Bool
    }

    /// What is to be put in the place of which units, from left to right.
    private static func changes(of plain: PlainText) -> [Change] {
        let units = plain.mapped.units
        var changes = plain.hidden.map { hidden in
            Change(range: hidden.index..<hidden.index, start: hidden.start, text: hidden.text, isTrick: true)
        }
        changes += plain.reversed.map { reversed in
            var text = String.UnicodeScalarView()
            for unit in units[reversed.range].reversed() {
                if let scalar = Unicode.Scalar(unit.value) { text.append(scalar) }
            }
            return Change(range: reversed.range, start: reversed.start, text: String(text), isTrick: true)
        }
        changes += Encodings(units: units).pieces().map { piece in
            Change(
                range: piece.range,
                start: units[piece.range.lowerBound].start,
                text: piece.text,
                isTrick: piece.isTrick
            )
        }
        return changes.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
    }

    private mutating func insert(_ change: Change, depth: Int) {
        isChanged = true
        let plain = PlainText(change.text)
        var inner = plain.mapped.units
        var isTrick = change.isTrick
        if depth < Self.maxDepth {
            let decoded = DecodedText(plain, depth: depth + 1)
            inner = decoded.mapped.units
            isTrick = isTrick || decoded.isTrick
        }
        self.isTrick = self.isTrick || isTrick
        // What was decoded can only be replaced as a whole.
        mapped.units += inner.map { MappedText.Unit(value: $0.value, start: change.start) }
    }
}
