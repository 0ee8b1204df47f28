internal import Moderation

/// Reads what a rule looks for.
struct DetectionReader {
    /// Most example texts of a rule; each is compared with each text that is judged.
    static let maximumExamples = 100

    let sources: PolicySources
    let problems: ProblemList

    /// Which kinds of detection are written, in order of the format; terms and lists of terms are one kind.
    func kinds(_ keys: MappingReader) -> [String] {
        let groups = PolicyFormat.rule.exactlyOne.filter { $0.contains(where: keys.has) }
        if groups.count > 1 {
            let present = groups.compactMap { $0.first(where: keys.has) }
            problems.add(
                .severalDetections,
                at: keys.keyLocation(present[1]),
                path: keys.path,
                "a rule looks for one thing; this one has \(present.joined(separator: " and "))",
                help: "make it \(present.count) rules",
                notes: [.init(location: keys.keyLocation(present[0]), message: "'\(present[0])' is written here")]
            )
        }
        if groups.isEmpty {
            problems.add(
                .noDetection,
                at: keys.location,
                path: keys.path,
                "the rule says nothing to look for",
                help: "add one of: \(PolicyFormat.detections.joined(separator: ", "))"
            )
        }
        return groups.map { $0[0] }
    }

    /// The detection; nil, which has then been told, when it can't be used.
    func read(_ keys: MappingReader, kinds: [String]) -> Detection? {
        let detections = kinds.map { read($0, keys) }
        return detections.count == 1 ? detections[0] : nil
    }

    private func read(_ kind: String, _ keys: MappingReader) -> Detection? {
        switch kind {
        case "principle": principle(keys)
        case "examples": examples(keys)
        case "terms": TermsReader(sources: sources, problems: problems).read(keys)
        case "patterns": patterns(keys)
        case "pii": keys.choices("pii", noun: "a kind of personal data").map(Detection.pii)
        case "secrets": keys.choices("secrets", noun: "a kind of secret").map(Detection.secrets)
        default: limits(keys)
        }
    }

    // MARK: Judged by the model

    private func principle(_ keys: MappingReader) -> Detection? {
        let screened = keys.bool("screened")
        let text = keys.text("principle")
        guard let thresholds = ThresholdsReader(problems: problems).read(keys) else { return nil }
        // Folded YAML text ends in a line feed, which is no part of the principle.
        return text.map {
            .principle(Principle(text: $0.trimmingSpace(), screened: screened ?? false, thresholds: thresholds))
        }
    }

    private func examples(_ keys: MappingReader) -> Detection? {
        let thresholds = ThresholdsReader(problems: problems).read(keys)
        guard let node = keys.node("examples"),
            let map = MappingReader(
                node,
                path: keys.path(of: "examples"),
                format: PolicyFormat.examples,
                problems: problems
            )
        else { return nil }
        map.reportMissing("positive", help: "list some texts that the rule is to catch")
        let positive = map.texts("positive")
        let negative = map.texts("negative")
        guard let positive, negative != nil || !map.has("negative"), let thresholds else { return nil }
        let all = positive + (negative ?? [])
        guard all.count <= Self.maximumExamples else {
            let help = "choose those that differ most; every text is compared with each of them"
            let message = "the rule has \(all.count) examples; at most \(Self.maximumExamples) are allowed"
            keys.reportKey(.tooLarge, "examples", message, help: help)
            return nil
        }
        return .examples(
            Examples(
                positive: positive.map { $0.trimmingSpace() },
                negative: (negative ?? []).map { $0.trimmingSpace() },
                thresholds: thresholds
            )
        )
    }

    // MARK: Searched

    private func patterns(_ keys: MappingReader) -> Detection? {
        guard let patterns = keys.texts("patterns", mayBeEmpty: true), let items = keys.list("patterns") else {
            return nil
        }
        var isValid = true
        // Item by item, so that every bad one is told.
        for (index, (item, pattern)) in zip(items, patterns).enumerated() {
            let path = "\(keys.path(of: "patterns"))[\(index)]"
            isValid = works(.patterns([pattern]), at: item.location, path: path) && isValid
        }
        return isValid ? .patterns(patterns) : nil
    }

    private func limits(_ keys: MappingReader) -> Detection? {
        guard let node = keys.node("limits"),
            let map = MappingReader(
                node,
                path: keys.path(of: "limits"),
                format: PolicyFormat.limits,
                problems: problems
            )
        else { return nil }
        let before = problems.errors
        guard PolicyFormat.limits.atLeastOne.contains(where: map.has) else {
            map.reportMissing("max_characters", help: "write at least one of \(PolicyFormat.limits.list)")
            return nil
        }
        let limits = Limits(
            maxCharacters: map.count("max_characters", least: 1),
            maxLinks: map.count("max_links", least: 0),
            maxRepetition: map.fraction("max_repetition"),
            languages: LanguageReader(problems: problems).languages(map, "languages")
        )
        guard !problems.hasErrors(since: before) else { return nil }
        return works(.limits(limits), at: node.location, path: map.path) ? .limits(limits) : nil
    }

    private func works(_ detection: Detection, at location: SourceLocation, path: String) -> Bool {
        do throws(DetectionError) {
            _ = try sources.detectors.detector(for: detection)
            return true
        } catch {
            problems.add(.invalidDetection, at: location, path: path, error.message, help: error.help)
            return false
        }
    }
}
