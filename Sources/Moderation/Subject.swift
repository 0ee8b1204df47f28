/// Which way the text travels.
public enum Direction: String, Sendable, Codable, Hashable, CaseIterable {
    /// From the client to the chatbot.
    case prompt
    /// From the chatbot to the client.
    case response
}

/// One thing to decide about: some turns to judge, and the turns that give them meaning.
public struct Subject: Sendable, Hashable {
    /// Which way the text travels.
    public var direction: Direction
    /// What came before, oldest first.
    ///
    /// Judged rules do not fire on it; redaction still applies to it, because a client sends the whole history again
    /// with each request.
    public var context: [Turn]
    /// What is judged for itself, oldest first.
    public var turns: [Turn]

    /// Creates a subject.
    public init(direction: Direction, context: [Turn] = [], turns: [Turn]) {
        self.direction = direction
        self.context = context
        self.turns = turns
    }

    /// The subject that a request poses: its newest turns judged, system turns and older turns as context.
    ///
    /// A request with nothing but system turns is judged whole: there is nothing else that it could be asking.
    public init(prompt conversation: Conversation) {
        let first = conversation.firstNewTurn
        let newest = conversation.turns[first...]
        let judged = newest.filter { $0.role != .system }
        if judged.isEmpty {
            self.init(direction: .prompt, turns: conversation.turns)
        } else {
            let context = conversation.turns[..<first] + newest.filter { $0.role == .system }
            self.init(direction: .prompt, context: Array(context), turns: judged)
        }
    }

    /// The subject that one answer of the chatbot poses.
    ///
    /// - Parameters:
    ///   - response: the answer, one choice of it.
    ///   - conversation: the request that it answers.
    public init(response: Turn, to conversation: Conversation) {
        self.init(direction: .response, context: conversation.turns, turns: [response])
    }
}
