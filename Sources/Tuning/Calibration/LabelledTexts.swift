internal import Foundation
public import Moderation

/// Labelled texts for one rule, gathered from files, and what was left out.
public struct LabelledTexts: Sendable {
    /// The texts, each once.
    public private(set) var texts: [LabelledText] = []
    /// Rows whose source doesn't say whether they violate.
    public private(set) var unlabelled = 0
    /// Records of traffic whose text was not kept, or was left out of the export.
    public private(set) var withoutText = 0
    /// Rows that were there already.
    public private(set) var repeated = 0
    /// Rows that travel in a direction which the rule doesn't judge.
    public private(set) var otherDirection = 0
    /// Rows beyond the limit.
    public private(set) var beyondLimit = 0
    /// The labels that the rows have.
    public private(set) var labels: Set<String> = []

    private let directions: Set<Direction>
    private let label: String
    private var known: Set<LabelledText> = []

    /// Starts with nothing.
    ///
    /// - Parameters:
    ///   - directions: which directions the rule judges.
    ///   - label: which of a row's labels speaks of the rule; `unsafe` stands for the field of that name.
    public init(directions: Set<Direction>, label: String) {
        self.directions = directions
        self.label = label
    }

    /// A row of any format: that of the data sets, a text with `violates` or `label`, or a record that `gatehouse audit export`
    /// wrote.
    private struct Row: Decodable {
        struct Content: Decodable {
            var role: Role
            var text: String?
        }

        var kind: DataRow.Kind?
        var prompt: String?
        var text: String?
        var response: String?
        var label: String?
        var violates: Bool?
        var labels: [String: Int?]?
        var unsafe: Int?
        var direction: Direction?
        var content: [Content]?
        var requestID: String?

        enum CodingKeys: String, CodingKey {
            case kind, prompt, text, response, label, violates, labels, unsafe, direction, content
            case requestID = "request_id"
        }

        /// The words that a record was decided about; nil where one of its texts was not kept.
        var recorded: String? {
            let parts = content?.filter { direction != .response || $0.role == .assistant } ?? []
            let texts = parts.compactMap(\.text)
            return parts.isEmpty || texts.count < parts.count ? nil : texts.joined(separator: "\n")
        }
    }

    /// Adds texts that are at hand.
    public mutating func add(_ texts: [LabelledText]) {
        for text in texts { add(text) }
    }

    /// Adds the rows of a file of JSON lines, plain or gzip.
    ///
    /// - Parameters:
    ///   - areHarmless: whether every row is taken as harmless, whatever it says of itself.
    ///   - limit: at most so many rows, chosen by a digest of their text: the same each time, from all over the file.
    /// - Throws: ``TuningError`` naming the file and line.
    public mutating func add(path: String, areHarmless: Bool = false, limit: Int? = nil) throws(TuningError) {
        let decoder = JSONDecoder()
        var found: [LabelledText] = []
        // What was asked, by request: an answer is recorded after it.
        var asked: [String: String] = [:]
        for (index, line) in try DataFile.lines(path: path).enumerated() {
            var decoded = try? decoder.decode(Row.self, from: line)
            if areHarmless, let record = decoded, let direction = record.direction, record.content != nil {
                guard let text = record.recorded else {
                    withoutText += 1
                    continue
                }
                if direction == .prompt, let request = record.requestID { asked[request] = text }
                decoded?.text = text
                decoded?.kind = direction == .prompt ? .prompt : .response
                decoded?.prompt = record.requestID.flatMap { asked[$0] }
            }
            guard let row = decoded, let (direction, context, text) = text(of: row),
                let truth = truth(of: row, areHarmless: areHarmless)
            else { throw .malformedLabelledText(path: path, row: index + 1) }
            labels.formUnion(row.labels?.keys.map { $0 } ?? [])
            if !directions.contains(direction) {
                otherDirection += 1
            } else if let isPositive = truth {
                found.append(
                    LabelledText(direction: direction, context: context, text: text, isPositive: isPositive)
                )
            } else {
                unlabelled += 1
            }
        }
        if let limit, found.count > limit {
            beyondLimit += found.count - limit
            found = Array(found.sorted { $0.digest < $1.digest }.prefix(limit))
        }
        add(found)
    }

    private mutating func add(_ text: LabelledText) {
        if !directions.contains(text.direction) {
            otherDirection += 1
        } else if known.insert(text).inserted {
            texts.append(text)
        } else {
            repeated += 1
        }
    }

    private func text(of row: Row) -> (Direction, [Turn], String)? {
        let prompt = row.prompt.map { $0.isEmpty ? [] : [LabelledText.userTurn($0)] } ?? []
        if let response = row.response { return (.response, prompt, response) }
        guard let text = row.text else { return row.prompt.map { (.prompt, [], $0) } }
        switch row.kind {
        case .response: return (.response, prompt, text)
        case .prompt, .comment: return (.prompt, [], text)
        case nil: return directions.contains(.prompt) ? (.prompt, [], text) : (.response, prompt, text)
        }
    }

    /// Whether a row violates; `.some(nil)` when its source doesn't say, nil when the row is malformed.
    private func truth(of row: Row, areHarmless: Bool) -> Bool?? {
        if areHarmless { return .some(false) }
        if let violates = row.violates { return .some(violates) }
        if let label = row.label {
            return label == "positive" ? .some(true) : label == "negative" ? .some(false) : nil
        }
        guard row.labels != nil || row.unsafe != nil else { return nil }
        let value = label == "unsafe" ? row.unsafe : row.labels?[label] ?? nil
        return .some(value.map { $0 == 1 })
    }
}
