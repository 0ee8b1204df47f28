import Moderation
import Testing

@Suite("Which turns are judged")
struct ConversationTests {
    private func subject(_ roles: [Role]) -> Subject {
        Subject(prompt: Conversation(turns: roles.enumerated().map { Turn($1, "\($0)") }))
    }

    @Test("documents beside the operator's words are judged, the operator's words are not")
    func documents() {
        let instructions = Part(kind: .text, text: "Be kind.", pointer: "/system")
        let document = Part(kind: .toolResult, text: "A page.", pointer: "/documents/0")
        let turns = [
            Turn(role: .system, parts: [instructions, document]), Turn(.user, "0"), Turn(.assistant, "1"),
            Turn(.user, "2"),
        ]
        let subject = Subject(prompt: Conversation(turns: turns))
        #expect(subject.turns.map(\.role) == [.tool, .user] && subject.turns.map(\.text) == ["A page.", "2"])
        #expect(subject.context.map(\.text) == ["Be kind.", "0", "1"])
    }

    @Test(
        "everything after the chatbot's last turn is judged; older turns and instructions are context",
        arguments: [
            ([Role.user], ["0"], [String]()),
            ([.system, .user], ["1"], ["0"]),
            ([.user, .assistant, .user], ["2"], ["0", "1"]),
            ([.user, .assistant, .tool, .tool], ["2", "3"], ["0", "1"]),
            ([.user, .assistant, .system, .user, .user], ["3", "4"], ["0", "1", "2"]),
            // The prefill at the end is the client's own text.
            ([.user, .assistant, .user, .assistant], ["2", "3"], ["0", "1"]),
            ([.assistant], ["0"], []),
            ([.system], ["0"], []),
            ([], [], []),
        ]
    )
    func judged(roles: [Role], judged: [String], context: [String]) {
        let subject = subject(roles)
        #expect(subject.turns.map(\.text) == judged)
        #expect(subject.context.map(\.text) == context)
    }

    @Test("an assistant turn that says nothing makes no history of what stands before it")
    func emptyAnswer() {
        let empty = Turn(role: .assistant, parts: [Part(kind: .text, text: "", pointer: "/1")])
        let turns = [Turn(.user, "0"), empty, Turn(.user, "2")]
        #expect(Subject(prompt: Conversation(turns: turns)).turns.map(\.text) == ["0", "", "2"])
        let silent = [Turn(.user, "0"), Turn(role: .assistant, parts: []), Turn(.user, "2")]
        #expect(Subject(prompt: Conversation(turns: silent)).context.isEmpty)
    }

    @Test("a turn's text joins its text parts and leaves media out")
    func turnText() {
        let turn = Turn(
            role: .user,
            parts: [
                Part(kind: .text, text: "a", pointer: "/0"), Part(kind: .image, text: "x", pointer: "/1"),
                Part(kind: .toolCall, text: "b", pointer: "/2"),
            ]
        )
        #expect(turn.text == "a\nb")
    }
}
