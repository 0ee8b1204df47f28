internal import Moderation

extension PolicyDiagnostic {
    /// The diagnostic for people: place, code and message, the line with a caret, and help.
    public var text: String {
        var out = "\(location): \(severity.rawValue)[\(code.rawValue)]: \(message)\n"
        if let sourceLine {
            let number = String(location.line)
            let margin = String(repeating: " ", count: max(6 - number.count, 0))
            let (line, caret) = Self.excerpt(of: sourceLine, column: location.column)
            out += "\(margin)\(number) | \(line)\n"
            out += "\(margin)\(String(repeating: " ", count: number.count)) | \(caret)^\n"
        }
        for note in notes { out += "  note: \(note.location): \(note.message)\n" }
        switch (help, keyPath.isEmpty) {
        case (let help?, false): out += "  help: \(help) (\(keyPath))\n"
        case (let help?, true): out += "  help: \(help)\n"
        case (nil, false): out += "  at: \(keyPath)\n"
        case (nil, true): break
        }
        return out
    }

    /// The part of a line around a column, and what stands before the caret below it.
    private static func excerpt(of line: String, column: Int) -> (line: String, caret: String) {
        let width = 100
        // Control characters would move the cursor of a terminal.
        var scalars = line.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control && scalar != "\t" ? "\u{FFFD}" : scalar
        }
        var before = min(max(column - 1, 0), scalars.count)
        if before > width {
            let cut = before - width / 2
            scalars.replaceSubrange(..<cut, with: ["…"])
            before -= cut - 1
        }
        if scalars.count > before + width { scalars.replaceSubrange((before + width)..., with: ["…"]) }
        let caret = scalars[..<before].map { $0 == "\t" ? "\t" : " " }.joined()
        return (String(String.UnicodeScalarView(scalars)), caret)
    }
}
