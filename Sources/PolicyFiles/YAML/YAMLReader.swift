internal import Moderation
internal import Yams

/// Reads one YAML document into located values.
struct YAMLReader {
    /// Values that one file may have, aliases expanded.
    static let maximumNodes = 50_000
    /// Lists and mappings within each other.
    static let maximumDepth = 32

    let file: String
    let problems: ProblemList

    private var nodes = 0
    private var isTooLarge = false

    init(file: String, problems: ProblemList) {
        self.file = file
        self.problems = problems
    }

    /// The document's root; nil when there is none, which has then been told.
    mutating func read(_ text: String) -> YAMLNode? {
        guard !AliasCensus(text).mayExplode else {
            problems.add(
                .tooLarge,
                at: start,
                "the file has more aliases than a policy needs",
                help: "write the values out"
            )
            return nil
        }
        var text = text
        // Each repeated key is told and put out of the way, so that what else is wrong is told in the same run.
        for _ in 0..<100 {
            do {
                guard let root = try compose(yaml: text) else {
                    problems.add(.syntax, at: start, "the file is empty", help: "begin with 'version: 1'")
                    return nil
                }
                let node = convert(root, depth: 0)
                return isTooLarge ? nil : node
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                guard let repaired = removeDuplicate(of: keys.first ?? "", at: context.mark, in: text) else {
                    return nil
                }
                text = repaired
            } catch {
                report(error)
                return nil
            }
        }
        return nil
    }

    private var start: SourceLocation { SourceLocation(file: file, line: 1, column: 1) }

    private func location(_ mark: Mark?) -> SourceLocation {
        SourceLocation(file: file, line: max(mark?.line ?? 1, 1), column: max(mark?.column ?? 1, 1))
    }

    // MARK: Converting

    private mutating func convert(_ node: Node, depth: Int) -> YAMLNode {
        nodes += 1
        let place = location(node.mark)
        if nodes > Self.maximumNodes || depth > Self.maximumDepth {
            if !isTooLarge {
                let limit = depth > Self.maximumDepth ? "\(Self.maximumDepth) levels" : "\(Self.maximumNodes) values"
                problems.add(
                    .tooLarge,
                    at: place,
                    "the file has more than \(limit)",
                    help: "split it, or write less in one file"
                )
            }
            isTooLarge = true
            return YAMLNode(content: .null, raw: "", location: place)
        }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            let content = YAMLNode.content(ofScalar: scalar.string, isPlain: isPlain)
            return YAMLNode(content: content, raw: scalar.string, location: place)
        case .sequence(let sequence):
            var items: [YAMLNode] = []
            for item in sequence where !isTooLarge { items.append(convert(item, depth: depth + 1)) }
            return YAMLNode(content: .list(items), raw: "", location: place)
        case .mapping(let mapping):
            var entries: [YAMLNode.Entry] = []
            for (key, value) in mapping where !isTooLarge {
                guard case .scalar(let name) = key else {
                    problems.add(.wrongType, at: location(key.mark), "a key must be a word", help: "write 'key: value'")
                    continue
                }
                guard !DuplicateKey.isMarker(name.string) else { continue }
                let converted = convert(value, depth: depth + 1)
                entries.append(.init(key: name.string, keyLocation: location(key.mark), value: converted))
            }
            return YAMLNode(content: .mapping(entries), raw: "", location: place)
        case .alias:
            return YAMLNode(content: .null, raw: "", location: place)
        }
    }

    // MARK: Problems

    private func removeDuplicate(of key: String, at mark: Mark, in text: String) -> String? {
        let first = location(mark)
        let second = DuplicateKey(key: key, line: first.line, column: first.column, text: text)
        let note = PolicyDiagnostic.Note(location: first, message: "first written here")
        problems.add(
            .duplicateKey,
            at: second.map { SourceLocation(file: file, line: $0.line, column: $0.column) } ?? first,
            "the key '\(key)' is written twice in one mapping",
            help: "keep one of the two",
            notes: second == nil ? [] : [note]
        )
        return second?.repaired
    }

    /// Tells a YAML error without the document that Yams puts into it.
    private func report(_ error: any Error) {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            problems.add(.syntax, at: location(mark), "not valid YAML: \(problem)", help: help(for: problem))
        case YamlError.reader(let problem, _, _, _):
            problems.add(.syntax, at: start, "not valid YAML: \(problem)", help: "remove control characters")
        default:
            problems.add(.syntax, at: start, "not valid YAML", help: "check indentation and quotes")
        }
    }

    private func help(for problem: String) -> String {
        if problem.contains("another document") { return "a policy file has one document; remove '---'" }
        if problem.contains("cannot start any token") {
            return "indent with spaces, and quote text that begins with @, ` or %"
        }
        if problem.contains("mapping values are not allowed") { return "quote text that contains ': '" }
        if problem.contains("undefined alias") { return "quote text that begins with *" }
        return "check indentation, and quote text that contains ': ' or ' #'"
    }
}
