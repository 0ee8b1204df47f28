/// Who speaks in a turn.
public enum Role: String, Sendable, Codable, Hashable, CaseIterable {
    /// The operator's instructions (`system` and `developer` messages).
    case system
    /// The person (or program) that asks.
    case user
    /// The chatbot.
    case assistant
    /// The result of a tool call, on its way back to the chatbot.
    case tool
}

/// What a part of a turn carries.
public enum PartKind: String, Sendable, Codable, Hashable, CaseIterable {
    case text
    case reasoning
    case refusal
    case toolCall = "tool_call"
    case toolResult = "tool_result"
    /// The operator's description of a tool; not scanned, since its wording sets off rules meant for people.
    case toolDefinition = "tool_definition"
    /// A setting or label of the request that is no word to the chatbot, such as a stop sequence or a session's id.
    case parameter
    case image
    case audio
    case file
    /// A part of a type that the dialect does not know; it is never scanned and coverage says so.
    case unknown

    /// Whether ``Part/text`` holds words to judge.
    public var isText: Bool {
        switch self {
        case .text, .reasoning, .refusal, .toolCall, .toolResult: true
        case .toolDefinition, .parameter, .image, .audio, .file, .unknown: false
        }
    }

    /// Whether it is content that no detector reads; the policy's `unscanned` says what is done about it.
    var isUnread: Bool { !isText && self != .toolDefinition && self != .parameter }
}

/// One piece of a turn, and where it came from.
public struct Part: Sendable, Codable, Hashable {
    /// What the part carries.
    public var kind: PartKind
    /// The decoded text (JSON escapes resolved); empty for media.
    public var text: String
    /// RFC 6901 JSON pointer of the string in the document it was decoded from, such as `/messages/2/content/0/text`.
    public var pointer: String

    /// What a reader of the part sees: JSON's escapes resolved in the text of a tool call or result.
    var words: String { unescaped?.text ?? text }

    /// The text of a tool call or result with JSON's escapes resolved; nil where there are none.
    var unescaped: UnescapedText? {
        kind == .toolCall || kind == .toolResult ? UnescapedText(text) : nil
    }

    /// Creates a part.
    public init(kind: PartKind, text: String, pointer: String) {
        self.kind = kind
        self.text = text
        self.pointer = pointer
    }
}

/// One message of a conversation.
public struct Turn: Sendable, Codable, Hashable {
    /// Who speaks.
    public var role: Role
    /// The pieces of the message, in document order.
    public var parts: [Part]

    /// Creates a turn.
    public init(role: Role, parts: [Part]) {
        self.role = role
        self.parts = parts
    }

    /// The words of the turn: every text part, joined by a line feed; the strings of tool calls without JSON's escapes.
    public var text: String {
        parts.lazy.filter { $0.kind.isText && !$0.text.isEmpty }.map(\.words).joined(separator: "\n")
    }

    /// Whether the chatbot said something in it.
    var isAnswer: Bool { role == .assistant && parts.contains { !$0.kind.isText || !$0.text.isEmpty } }
}

/// What a request says: the turns in order, oldest first.
public struct Conversation: Sendable, Hashable {
    /// The turns, oldest first.
    public var turns: [Turn]

    /// Creates a conversation.
    public init(turns: [Turn]) {
        self.turns = turns
    }

    /// Index of the first turn that is judged for itself: everything after the chatbot's last finished turn.
    ///
    /// A request that ends in an assistant turn (a prefilled answer) is judged from the user turn before it, since the
    /// prefill is text that the client, not the chatbot, wrote. An assistant turn that says nothing answers nothing: it does
    /// not turn what stands before it into history.
    public var firstNewTurn: Int {
        var end = turns.count
        while end > 0, turns[end - 1].role == .assistant || turns[end - 1].role == .system { end -= 1 }
        var start = end
        while start > 0, !turns[start - 1].isAnswer { start -= 1 }
        return start
    }
}
