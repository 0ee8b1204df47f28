import Shield
import Testing

@Suite("Prompt templates")
struct PromptTemplateTests {
    /// A template as text: control tokens in place, slots by name.
    private func layout(_ pieces: [PromptTemplate.Piece]) -> String {
        pieces.map { piece in
            switch piece {
            case .control(let name): name
            case .words(let fragments):
                fragments.map { fragment in
                    switch fragment {
                    case .literal(let words): words
                    case .slot(let slot): "{\(slot)}"
                    }
                }.joined()
            }
        }.joined()
    }

    @Test("shield-1 is laid out as the adapter was trained")
    func shield1() {
        let template = PromptTemplate.shield1
        #expect(layout(template.promptPrefix) == "<bos><start_of_turn>user\n{text}<end_of_turn>\n")
        #expect(
            layout(template.responsePrefix)
                == "<bos><start_of_turn>user\n{prompt}<end_of_turn>\n<start_of_turn>model\n{text}<end_of_turn>\n"
        )
        #expect(layout(template.promptSuffix) == "<start_of_turn>policy\n{principle}\nViolation:")
        #expect(template.responseSuffix == template.promptSuffix)
        #expect(layout(template.topic) == "<start_of_turn>policy\nThe message is about")
    }

    @Test("shieldgemma is Google's notebook wording, letter for letter")
    func shieldGemma() {
        let template = PromptTemplate.shieldGemma
        #expect(
            layout(template.promptPrefix + template.promptSuffix) == """
                <bos>You are a policy expert trying to help determine
                whether a user prompt is in violation of the defined safety policies.

                <start_of_turn>
                Human Question: {text}
                <end_of_turn>

                Our safety principle is defined in the below:

                * {principle}

                ===

                Does the human question violate the above principle? Your answer must start with
                'Yes' or 'No'. And then walk through step by step to be sure we answer
                correctly.


                """
        )
        #expect(
            layout(template.responsePrefix + template.responseSuffix) == """
                <bos>You are a policy expert trying to help determine
                whether an AI response to prompt is in violation of the defined safety policies.

                <start_of_turn>
                Human Question: {prompt}
                <end_of_turn>

                <start_of_turn>
                Chatbot Response: {text}
                <end_of_turn>

                Our safety principle is defined in the below:

                * {principle}

                ===

                Does the Chatbot Response violate the above principle? Your answer must start
                with 'Yes' or 'No'. And then walk through step by step to be sure  we answer
                correctly.


                """
        )
    }

    @Test("templates are found by name")
    func names() {
        #expect(PromptTemplate.named("shield-1") == .shield1)
        #expect(PromptTemplate.named("shieldgemma") == .shieldGemma)
        #expect(PromptTemplate.named("other") == nil)
    }
}
