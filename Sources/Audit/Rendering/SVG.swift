/// Pieces of drawings for a page (SVG), and text made safe for it.
enum SVG {
    /// A picture of a size in pixels, which shrinks with the page.
    static func picture(width: Double, height: Double, label: String, _ content: String) -> String {
        "<svg viewBox=\"0 0 \(number(width)) \(number(height))\" width=\"\(number(width))\" role=\"img\" "
            + "aria-label=\"\(text(label))\">\(content)</svg>"
    }

    /// A filled rectangle with a class for its colour, and what is shown when the pointer rests on it.
    static func bar(_ x: Double, _ y: Double, width: Double, height: Double, kind: String, title: String = "") -> String
    {
        guard width > 0, height > 0 else { return "" }
        let place = "x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\""
        let inner = title.isEmpty ? "/>" : "><title>\(text(title))</title></rect>"
        return "<rect class=\"\(kind)\" \(place)\(inner)"
    }

    /// A line with a class for its colour.
    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, kind: String) -> String {
        "<line class=\"\(kind)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>"
    }

    /// Words; `anchor` is `start`, `middle` or `end`.
    static func words(_ words: String, _ x: Double, _ y: Double, anchor: String = "start") -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(text(words))</text>"
    }

    /// Text that stays text in a page, whoever wrote it.
    static func text(_ raw: String) -> String {
        var out = ""
        for character in TerminalText.line(raw) {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.append(character)
            }
        }
        return out
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : AuditNumber.fixed(value, 2)
    }
}
