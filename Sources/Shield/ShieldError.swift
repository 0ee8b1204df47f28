/// Why a text could not be scored.
///
/// Carries no part of the text.
public enum ShieldError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The template's control token or answer word is not in the model's vocabulary.
    case missingToken(name: String, template: String)
    /// No built-in template has that name.
    case unknownTemplate(name: String)
    /// The model gave no usable number: its weights, or what it computed from them, are broken.
    case notANumber
    /// The text is longer than the classifier may read.
    case textTooLong(tokens: Int, limit: Int)

    /// What was found, what was expected, what to do.
    public var description: String {
        switch self {
        case .missingToken(let name, let template):
            "template '\(template)' needs the token '\(name)', which this model's vocabulary lacks; "
                + "use a Gemma model or name another template"
        case .unknownTemplate(let name):
            "no template is called '\(name)'; expected one of "
                + PromptTemplate.all.map(\.name).joined(separator: ", ")
        case .notANumber:
            "the model computed no usable score; check the model and adapter files with `gatehouse model info`"
        case .textTooLong(let tokens, let limit):
            "the text has \(tokens) tokens and at most \(limit) are judged; raise judge.max_text_tokens or shorten it"
        }
    }
}
