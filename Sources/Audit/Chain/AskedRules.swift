import Moderation

/// The rules that a decision asked, as one text: their ids in policy order, a blank between them, `=` before one whose verdict is
/// kept in columns of its own because it says something, `~` before one that the screening question had answered.
///
/// Of most rules there is nothing to say but that they were asked; a row for each of them would be most of what a record costs.
enum AskedRules {
    /// What is known of a rule from its mark.
    enum Mark {
        case kept
        case screenedOut
        case quiet
    }

    /// Whether a verdict is kept in columns: it asks for more than `allow`, has a score, or failed.
    static func saysSomething(_ verdict: Verdict) -> Bool {
        verdict.outcome != .allow || verdict.score != nil || verdict.error != nil
    }

    static func text(_ verdicts: [Verdict]) -> String {
        var text = ""
        for verdict in verdicts {
            if !text.isEmpty { text += " " }
            if saysSomething(verdict) { text += "=" } else if verdict.screenedOut { text += "~" }
            text += verdict.rule
        }
        return text
    }

    /// Reads the rules one after the other.
    static func each(
        of text: UnsafeBufferPointer<UInt8>,
        _ body: (Mark, UnsafeBufferPointer<UInt8>) throws -> Void
    ) rethrows {
        for part in text.split(separator: UInt8(ascii: " ")) {
            let mark: Mark =
                switch part.first {
                case UInt8(ascii: "="): .kept
                case UInt8(ascii: "~"): .screenedOut
                default: .quiet
                }
            try body(mark, UnsafeBufferPointer(rebasing: mark == .quiet ? part : part.dropFirst()))
        }
    }
}
