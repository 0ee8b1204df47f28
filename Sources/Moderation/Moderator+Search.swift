// MARK: - Terms, patterns, personal data, secrets

extension Moderator {
    /// What a rule that is no question to the model finds, and what it replaces.
    func search(
        _ subject: Subject,
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
            for parts in Self.messages(of: subject.turns) {
                found += try Self.matchesAcross(parts, of: detector)
            }
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

    /// The texts of neighbouring turns of one speaker, which are one message to a chatbot.
    private static func messages(of turns: [Turn]) -> [[Part]] {
        var messages: [(role: Role, parts: [Part])] = []
        for turn in turns {
            let texts = turn.parts.filter { $0.kind == .text && !$0.text.isEmpty }
            if messages.last?.role == turn.role {
                messages[messages.count - 1].parts += texts
            } else {
                messages.append((turn.role, texts))
            }
        }
        return messages.map(\.parts)
    }

    /// What is found only when the texts of a message are read as one, on one line or on several, as chatbots do: a term split
    /// over two parts, say.
    private static func matchesAcross(
        _ texts: [Part],
        of detector: any Detector
    ) throws -> [(stretches: [Stretch], label: String)] {
        guard texts.count > 1 else { return [] }
        return try ["", "\n"].flatMap { try matches(across: texts, joinedBy: $0, of: detector) }
    }

    private static func matches(
        across texts: [Part],
        joinedBy separator: String,
        of detector: any Detector
    ) throws -> [(stretches: [Stretch], label: String)] {
        var start = 0
        let places = texts.map { part in
            defer { start += part.text.utf8.count + separator.utf8.count }
            return start..<start + part.text.utf8.count
        }
        return try detector.matches(in: texts.map(\.text).joined(separator: separator)).compactMap { match in
            let stretches = zip(texts, places).filter { $0.1.overlaps(match.range) }.map { part, place in
                let range = place.clamped(to: match.range)
                var piece = match
                piece.range = range.lowerBound - place.lowerBound..<range.upperBound - place.lowerBound
                return Stretch(match: piece, pointer: part.pointer, text: part.text)
            }
            return stretches.count > 1 ? (stretches, match.label) : nil
        }
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
