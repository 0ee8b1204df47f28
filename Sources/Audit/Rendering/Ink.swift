import Moderation

/// Colours for a terminal that wants them (ANSI escape sequences), or none.
struct Ink {
    var isColoured: Bool

    func bold(_ text: String) -> String { style(text, "1") }
    func dim(_ text: String) -> String { style(text, "2") }

    /// The text in the colour of a result: green for `allow` to red for `block`; failures stand out.
    func paint(_ text: String, _ result: AuditResult) -> String {
        switch result {
        case .allow: style(text, "32")
        case .flag: style(text, "33")
        case .redact: style(text, "35")
        case .block: style(text, "1;31")
        case .observed: style(text, "1;33")
        case .upstreamUnreachable, .upstreamTimeout, .upstreamFailed, .upstreamError: style(text, "36")
        }
    }

    func paint(_ text: String, _ outcome: Outcome) -> String { paint(text, AuditResult(outcome: outcome)) }

    private func style(_ text: String, _ code: String) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
