internal import Moderation

/// What a test puts before the judge.
struct TestTexts {
    /// The user's text; may be empty before a response.
    var prompt: String
    /// The chatbot's text; nil for a test of a prompt.
    var response: String?
    /// Earlier turns, oldest first.
    var before: [Turn]
}

/// Reads the texts of a test.
struct TestTextReader {
    let problems: ProblemList

    /// The texts; nil, which has then been told, when they can't be used.
    func read(_ keys: MappingReader) -> TestTexts? {
        let before = before(keys)
        if keys.has("text"), keys.has("prompt") {
            keys.reportKey(.misplacedKey, "prompt", "'text' and 'prompt' are the same", help: "keep one of the two")
            return nil
        }
        let promptKey = keys.has("text") ? "text" : "prompt"
        guard keys.has("response") || keys.has(promptKey) else {
            keys.reportMissing(
                "text",
                help: "write the text to judge: 'text' for a user's, 'response' for the chatbot's"
            )
            return nil
        }
        let response = keys.text("response")
        let prompt = keys.text(promptKey)
        guard keys.has("response") ? response != nil : prompt != nil else { return nil }
        return TestTexts(prompt: prompt ?? "", response: response, before: before)
    }

    private func before(_ test: MappingReader) -> [Turn] {
        let items = test.list("before") ?? []
        return items.enumerated().compactMap { turn($1, path: "\(test.path(of: "before"))[\($0)]", index: $0) }
    }

    private func turn(_ node: YAMLNode, path: String, index: Int) -> Turn? {
        let format = PolicyFormat.turn
        guard let keys = MappingReader(node, path: path, format: format, problems: problems) else { return nil }
        let present = format.names.filter(keys.has)
        guard present.count == 1, let role = Role(rawValue: present[0]) else {
            let names = format.names.joined(separator: ", ")
            if present.isEmpty {
                keys.reportMissing("user", help: "write who spoke and what: one of \(names)")
            } else {
                let help = "make it \(present.count) turns"
                keys.reportKey(.misplacedKey, present[1], "one person speaks in a turn", help: help)
            }
            return nil
        }
        return keys.text(present[0]).map {
            Turn(role: role, parts: [Part(kind: .text, text: $0, pointer: "/before/\(index)")])
        }
    }
}

/// Reads the bounds of a score.
struct ScoreBoundsReader {
    let problems: ProblemList

    /// The bounds; nil where there is none or it can't be used, which has then been told.
    func read(_ test: MappingReader, _ key: String) -> (min: Double?, max: Double?) {
        let format = PolicyFormat.score
        guard let node = test.node(key),
            let keys = MappingReader(node, path: test.path(of: key), format: format, problems: problems)
        else { return (nil, nil) }
        return read(keys)
    }

    /// The bounds that a mapping holds.
    func read(_ keys: MappingReader) -> (min: Double?, max: Double?) {
        let format = PolicyFormat.score
        if !format.atLeastOne.contains(where: keys.has) {
            keys.reportMissing("min", help: "write at least one of \(format.list)")
        }
        let (least, most) = (keys.fraction("min"), keys.fraction("max"))
        if let least, let most, least > most {
            keys.report(.outOfRange, "min", "\(least) is above the highest score, \(most)", help: "swap the two")
        }
        return (least, most)
    }
}
