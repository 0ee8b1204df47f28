import Gemma

/// Turns texts and principles into the token layout of one template.
struct PromptEncoder: Sendable {
    let template: PromptTemplate
    let yes: TokenID
    let no: TokenID

    private let tokenizer: Tokenizer
    private let controls: [String: TokenID]

    /// - Throws: ``ShieldError/missingToken(name:template:)``.
    init(template: PromptTemplate, tokenizer: Tokenizer) throws(ShieldError) {
        func id(_ piece: String) throws(ShieldError) -> TokenID {
            guard let id = tokenizer.id(of: piece) else {
                throw ShieldError.missingToken(name: piece, template: template.name)
            }
            return id
        }
        self.template = template
        self.tokenizer = tokenizer
        yes = try id(template.yes)
        no = try id(template.no)
        var controls: [String: TokenID] = [:]
        let pieces =
            template.promptPrefix + template.responsePrefix + template.promptSuffix + template.responseSuffix
            + template.topic
        for case .control(let name) in pieces { controls[name] = try id(name) }
        self.controls = controls
    }

    /// The layout before the principle.
    ///
    /// - Parameters:
    ///   - text: tokens of the text, or of one window of it.
    ///   - prompt: for a response, tokens of the user's turn; nil for a prompt.
    func prefix(text: [TokenID], prompt: [TokenID]?) -> [TokenID] {
        let fillings: [PromptTemplate.Slot: [TokenID]] = [.text: text, .prompt: prompt ?? []]
        return encode(prompt == nil ? template.promptPrefix : template.responsePrefix, fillings)
    }

    /// The question for one principle.
    func suffix(principle: String, isResponse: Bool) -> [TokenID] {
        let pieces = isResponse ? template.responseSuffix : template.promptSuffix
        return encode(pieces, [.principle: tokenizer.encode(principle)])
    }

    /// What is read behind a content to learn what it is about.
    func topic() -> [TokenID] {
        encode(template.topic, [:])
    }

    /// Tokens of plain text, control tokens off.
    func tokens(of text: String) -> [TokenID] {
        tokenizer.encode(text)
    }

    private func encode(_ pieces: [PromptTemplate.Piece], _ fillings: [PromptTemplate.Slot: [TokenID]]) -> [TokenID] {
        var tokens: [TokenID] = []
        for piece in pieces {
            switch piece {
            case .control(let name):
                if let id = controls[name] { tokens.append(id) }
            case .words(let fragments):
                if case .slot(let slot)? = fragments.first, fragments.count == 1 {
                    tokens += fillings[slot] ?? []
                    continue
                }
                let words = fragments.map { fragment in
                    switch fragment {
                    case .literal(let words): words
                    case .slot(let slot): tokenizer.decode(fillings[slot] ?? [])
                    }
                }
                tokens += tokenizer.encode(words.joined())
            }
        }
        return tokens
    }
}
