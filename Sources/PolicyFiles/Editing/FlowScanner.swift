/// Finds the ends of quoted scalars and of lists and mappings in flow style.
struct FlowScanner {
    private let marks: TextMarks

    init(_ marks: TextMarks) { self.marks = marks }

    private var scalars: [Unicode.Scalar] { marks.scalars }

    /// The offset after a quoted scalar, or after the bracket that closes the one at `start`; nil when it doesn't end.
    func end(of start: Int) -> Int? {
        guard start < scalars.count else { return nil }
        switch scalars[start] {
        case "'", "\"": return quoteEnd(start)
        case "{", "[": return bracketEnd(start)
        default: return nil
        }
    }

    /// The offset after a word such as an alias, an anchor or a tag.
    func wordEnd(_ start: Int) -> Int {
        scalars[start...].firstIndex {
            TextMarks.isSpace($0) || TextMarks.isBreak($0) || [",", "{", "}", "[", "]"].contains($0)
        } ?? scalars.count
    }

    private func quoteEnd(_ start: Int) -> Int? {
        let quote = scalars[start]
        var index = start + 1
        while index < scalars.count {
            if quote == "\"", scalars[index] == "\\" {
                index += 2
            } else if scalars[index] == quote {
                // Two single quotes in a row stand for one.
                guard quote == "'", index + 1 < scalars.count, scalars[index + 1] == quote else { return index + 1 }
                index += 2
            } else {
                index += 1
            }
        }
        return nil
    }

    private func bracketEnd(_ start: Int) -> Int? {
        var depth = 0
        var index = start
        while true {
            index = marks.skippingSpace(index)
            guard index < scalars.count else { return nil }
            switch scalars[index] {
            case "{", "[":
                depth += 1
                index += 1
            case "}", "]":
                depth -= 1
                index += 1
                if depth == 0 { return index }
            case ",", ":": index += 1
            case "'", "\"":
                guard let end = quoteEnd(index) else { return nil }
                index = end
            default: index = max(wordEnd(index), index + 1)
            }
        }
    }
}
