// MARK: - Terms, patterns, personal data, secrets

extension Moderator {
    /// What a rule that is no question to the model finds, and what it replaces.
    func search(
        _ subject: Subject,
        _ messages: [JoinedTexts],
        _ rule: Rule,
        _ detector: any Detector,
        readings: inout ReadingCache,
        redactions: inout RedactionCollector
    ) -> Verdict {
        var verdict = Verdict(rule: rule.id, mode: rule.mode, outcome: .allow)
        let redacts = rule.action == .redact && rule.mode == .enforce
        var found: [(stretches: [Stretch], label: String)] = []
        do {
            // A client sends the whole history again with each prompt, so what is to be masked is masked there again; an
            // answer's context went out with the prompt already.
            let isResent = rule.action == .redact && subject.direction == .prompt
            for turn in (isResent ? subject.context : []) + subject.turns {
                for part in turn.parts where part.kind.isText {
                    for match in try matches(of: detector, in: part, readings: &readings) {
                        found.append(([Stretch(match: match, pointer: part.pointer, text: part.text)], match.label))
                    }
                }
            }
            for message in messages { found += try message.matches(of: detector) }
            for (_, label) in found { verdict.matches[label, default: 0] += 1 }
            if !found.isEmpty { verdict.outcome = rule.action }
            // Only now: a search that fails half-way changes nothing.
            for (stretches, _) in found where redacts { redactions.add(stretches, by: rule, digest: digest) }
        } catch {
            verdict.error = "detector failed: \(error)"
            verdict.outcome = rule.onError == .block ? .block : .allow
        }
        return verdict
    }

    /// Matches in a part's text, in what it says once JSON's escapes are resolved, and in what else it can be read as.
    private func matches(
        of detector: any Detector,
        in part: Part,
        readings: inout ReadingCache
    ) throws -> [Match] {
        var matches = try detector.matches(in: part.text)
        let unescaped = part.unescaped
        if let unescaped { matches += try detector.matches(in: unescaped.text).map(unescaped.original) }
        for reading in readings.readings(of: part.words) where detector.readingKinds.contains(reading.kind) {
            let found = try detector.matches(in: reading.text).map(reading.original)
            matches += unescaped.map { found.map($0.original) } ?? found
        }
        return RedactionCollector.merge(matches)
    }
}

/// The texts of one message read as one, in which a term can be found that is split over two of them.
struct JoinedTexts {
    private let parts: [Part]
    private let text: String
    private let places: [Range<Int>]

    private init(_ parts: [Part], joinedBy separator: String) {
        self.parts = parts
        text = parts.map(\.text).joined(separator: separator)
        var start = 0
        places = parts.map { part in
            defer { start += part.text.utf8.count + separator.utf8.count }
            return start..<start + part.text.utf8.count
        }
    }

    /// The messages of more than one text, each on one line and on several, as chatbots read them; neighbouring turns of one
    /// speaker are one message to a chatbot.
    static func messages(of turns: [Turn]) -> [JoinedTexts] {
        var messages: [(role: Role, parts: [Part])] = []
        for turn in turns {
            let texts = turn.parts.filter { $0.kind == .text && !$0.text.isEmpty }
            if messages.last?.role == turn.role {
                messages[messages.count - 1].parts += texts
            } else {
                messages.append((turn.role, texts))
            }
        }
        return messages.filter { $0.parts.count > 1 }
            .flatMap { message in ["", "\n"].map { JoinedTexts(message.parts, joinedBy: $0) } }
    }

    /// What is found over several of the texts.
    func matches(of detector: any Detector) throws -> [(stretches: [Stretch], label: String)] {
        try detector.matches(in: text).compactMap { match in
            let stretches = zip(parts, places).filter { $0.1.overlaps(match.range) }.map { part, place in
                let range = place.clamped(to: match.range)
                var piece = match
                piece.range = range.lowerBound - place.lowerBound..<range.upperBound - place.lowerBound
                return Stretch(match: piece, pointer: part.pointer, text: part.text)
            }
            return stretches.count > 1 ? (stretches, match.label) : nil
        }
    }
}
