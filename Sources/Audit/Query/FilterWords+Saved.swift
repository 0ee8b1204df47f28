extension FilterWords {
    /// These words, and those of a saved query where these say nothing.
    ///
    /// - Throws: nothing for words that were read before.
    public func completed(by saved: FilterWords) throws(AuditError) -> FilterWords {
        var words = self
        for word in FilterWord.allCases where values(of: word).isEmpty {
            for value in saved.values(of: word) { try words.add(value, as: word) }
        }
        return words
    }

    /// The words as flags of the command line.
    public var flags: String {
        var flags: [String] = []
        for word in FilterWord.allCases {
            let name = "--" + word.rawValue.replacing("_", with: "-")
            for value in values(of: word) { flags.append(word == .unscanned ? name : "\(name) \(Self.quoted(value))") }
        }
        return flags.joined(separator: " ")
    }

    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.allSatisfy { $0.isLetter || $0.isNumber || "._-:/,".contains($0) }
        return isPlain ? value : "'" + TerminalText.line(value).replacing("'", with: "'\\''") + "'"
    }

    /// What was written for a word; empty where nothing was.
    package func values(of word: FilterWord) -> [String] {
        switch word {
        case .since: [since].compactMap { $0 }
        case .until: [until].compactMap { $0 }
        case .outcome: outcomes
        case .rule: [rule].compactMap { $0 }
        case .score: scores
        case .direction: [direction].compactMap { $0 }
        case .route: [route].compactMap { $0 }
        case .tenant: [tenant].compactMap { $0 }
        case .client: [client].compactMap { $0 }
        case .model: [model].compactMap { $0 }
        case .revision: [revision].compactMap { $0 }
        case .id: [id].compactMap { $0 }
        case .request: [request].compactMap { $0 }
        case .conversation: [conversation].compactMap { $0 }
        case .text: [text].compactMap { $0 }
        case .cause: [cause].compactMap { $0 }
        case .failMode: [failMode].compactMap { $0 }
        case .unscanned: isUnscanned ? ["true"] : []
        case .label: [label].compactMap { $0 }
        }
    }
}

extension FilterWords: Codable {
    /// Reads `{"outcome":["block"],"since":["24h"]}`.
    public init(from decoder: any Decoder) throws {
        let values = try [String: [String]](from: decoder)
        self.init()
        for (name, texts) in values {
            guard let word = FilterWord(rawValue: name) else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "a newer version's word")
                )
            }
            for text in texts { try add(text, as: word) }
        }
    }

    /// Writes each word by its name in a query, with what was written for it.
    public func encode(to encoder: any Encoder) throws {
        var named: [String: [String]] = [:]
        for word in FilterWord.allCases where !values(of: word).isEmpty { named[word.rawValue] = values(of: word) }
        try named.encode(to: encoder)
    }
}
