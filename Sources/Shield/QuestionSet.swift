package import Gemma

/// The questions of one request, as tokens.
package struct QuestionSet {
    /// The screening question, if one is asked.
    let screen: [TokenID]?
    /// One for each question of the request, in order.
    let questions: [[TokenID]]
    /// What is read to learn what the text is about, if it is compared with examples.
    let topic: [TokenID]?
    /// What all of them begin with, the screen and the topic too; computed once, behind the content.
    ///
    /// Every one of them has more tokens.
    let head: [TokenID]

    init(screen: [TokenID]?, questions: [[TokenID]], topic: [TokenID]?) {
        self.screen = screen
        self.questions = questions
        self.topic = topic
        head = Self.sharedHead(of: questions + [screen, topic].compactMap(\.self))
    }

    /// The longest beginning that all questions share and that leaves each a token of its own; nothing for a single one.
    package static func sharedHead(of questions: [[TokenID]]) -> [TokenID] {
        guard questions.count > 1, let first = questions.first else { return [] }
        var count = questions.reduce(first.count) { min($0, $1.count) } - 1
        for question in questions {
            count = zip(first.prefix(count), question).prefix { $0 == $1 }.count
        }
        return Array(first.prefix(count))
    }
}
