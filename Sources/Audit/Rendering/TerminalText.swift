/// Makes recorded text safe and measurable on a terminal.
package enum TerminalText {
    /// The text on one line: line breaks and tabs as blanks, control and direction-changing characters as `�`, so that
    /// what somebody wrote to a chatbot can't drive the auditor's terminal.
    ///
    /// Cut with `…` at `limit` columns.
    package static func line(_ text: String, limit: Int? = nil) -> String {
        // A column takes at least one scalar, so a long text need not be read to its end.
        let scalars = text.unicodeScalars
        let head = limit.map { scalars.prefix($0 * 8 + 64) } ?? scalars[...]
        let safe = cleaned(head, keepsLines: false)
        guard let limit else { return safe }
        let isWhole = head.endIndex == scalars.endIndex
        if isWhole, columns(safe) <= limit { return safe }
        return cut(safe, to: limit)
    }

    /// The text with its line breaks, otherwise as ``line(_:limit:)``.
    static func block(_ text: String) -> String {
        cleaned(text.unicodeScalars[...], keepsLines: true)
    }

    /// Terminal columns that the text takes: two for wide characters, none for combining ones.
    static func columns(_ text: String) -> Int {
        text.reduce(0) { $0 + columns($1) }
    }

    /// The text filled with blanks to a width; a longer text stays as it is.
    static func pad(_ text: String, to width: Int, alignsRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - columns(text)))
        return alignsRight ? blanks + text : text + blanks
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        guard limit > 1 else { return limit == 1 ? "…" : "" }
        var out = ""
        var used = 0
        for character in text {
            let width = columns(character)
            if used + width > limit - 1 { break }
            out.append(character)
            used += width
        }
        return out + "…"
    }

    private static func columns(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if first.value < 0x300 { return 1 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        let isEmoji = first.properties.isEmojiPresentation || character.unicodeScalars.contains { $0.value == 0xFE0F }
        return isEmoji || wide.contains { $0.contains(first.value) } ? 2 : 1
    }

    /// East Asian Wide and Fullwidth blocks (Unicode Standard Annex 11), coarsely.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
    ]

    private static func cleaned(_ scalars: Substring.UnicodeScalarView, keepsLines: Bool) -> String {
        var out = String.UnicodeScalarView()
        for scalar in scalars {
            switch scalar {
            case "\n": out.append(keepsLines ? "\n" : " ")
            case "\t", "\r", "\u{2028}", "\u{2029}": out.append(" ")
            case "\u{200C}", "\u{200D}": out.append(scalar)  // spelling in some scripts, and joined emoji
            default:
                let category = scalar.properties.generalCategory
                out.append(category == .control || category == .format ? "\u{FFFD}" : scalar)
            }
        }
        return String(out)
    }
}
