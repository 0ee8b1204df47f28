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
    /// Documents beside the operator's words (parts of kind `toolResult` in a system turn) are judged too: somebody else
    /// wrote them. A request with nothing but system turns is judged whole: there is nothing else that it could be asking.
    public init(prompt conversation: Conversation) {
        let first = conversation.firstNewTurn
        var (context, documents, judged): ([Turn], [Part], [Turn]) = ([], [], [])
        for (index, turn) in conversation.turns.enumerated() {
            guard turn.role == .system else {
                if index < first { context.append(turn) } else { judged.append(turn) }
                continue
            }
            let instructions = turn.parts.filter { $0.kind != .toolResult }
            documents += turn.parts.filter { $0.kind == .toolResult }
            if !instructions.isEmpty || turn.parts.isEmpty { context.append(Turn(role: .system, parts: instructions)) }
        }
        if judged.isEmpty {
            self.init(direction: .prompt, turns: conversation.turns)
        } else {
            if !documents.isEmpty { judged.insert(Turn(role: .tool, parts: documents), at: 0) }
            self.init(direction: .prompt, context: context, turns: judged)
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
