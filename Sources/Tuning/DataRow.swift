public import Moderation

/// One labelled text: a row of the JSONL data sets.
public struct DataRow: Sendable, Codable, Hashable {
    /// What kind of text it is.
    public enum Kind: String, Sendable, Codable, Hashable {
        case prompt
        case response
        /// A text on its own; judged as a prompt.
        case comment
    }

    /// Its id, unique in the file.
    public var id: String
    /// What kind of text it is.
    public var kind: Kind
    /// For a response, the user's turn before it.
    public var prompt: String?
    /// What is judged.
    public var text: String
    /// 1 violates, 0 does not, null when the source doesn't say; by label name, such as `hate_speech`.
    public var labels: [String: Int?]
    /// 1 harmful, 0 harmless, null when the source doesn't say.
    public var unsafe: Int?
    /// `train`, `validation` or `test`.
    public var split: String?

    /// The request that puts the row before a classifier.
    public func request(questions: [Question], screen: Screen? = nil) -> ClassificationRequest {
        let isResponse = kind == .response
        let context = prompt.map { [Turn(role: .user, parts: [Part(kind: .text, text: $0, pointer: "")])] } ?? []
        return ClassificationRequest(
            direction: isResponse ? .response : .prompt,
            context: isResponse ? context : [],
            text: text,
            questions: questions,
            screen: screen
        )
    }
}
