internal import Moderation
internal import Yams

/// Changes the thresholds and the calibration of one rule in the text of a policy file; every other character stays.
///
/// The numbers of `thresholds` are replaced where they stand, so flow and block style, quotes of keys and comments are kept.
/// `calibrated` is written on one line: in the place of the one that is there, else after the thresholds.
struct RuleTextEdit {
    private struct Change {
        var range: Range<Int>
        var text: String
    }

    private let text: String
    private let marks: TextMarks
    private let id: String

    init(text: String, rule id: String) {
        self.text = text
        self.id = id
        marks = TextMarks(text)
    }

    /// The text with the new values.
    ///
    /// - Parameter thresholds: those that the rule has written; others are not added.
    func setting(_ thresholds: Thresholds, _ stamp: CalibrationStamp) throws(PolicyEditError) -> String {
        let rule = try rule()
        guard let entry = entry("thresholds", of: rule) else { throw .noSuchRule(id: id) }
        var changes: [Change] = []
        let end = try replaceThresholds(entry, thresholds, &changes)
        try replaceCalibration(rule, stamp, after: end, key: entry.key, &changes)
        var scalars = String.UnicodeScalarView()
        var position = 0
        for change in changes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            scalars.append(contentsOf: marks.scalars[position..<change.range.lowerBound])
            scalars.append(contentsOf: change.text.unicodeScalars)
            position = change.range.upperBound
        }
        scalars.append(contentsOf: marks.scalars[position...])
        let edited = String(scalars)
        guard EditCheck(rule: id, thresholds: thresholds, stamp: stamp).holds(from: text, to: edited) else {
            throw .wouldChangeMore(id: id)
        }
        return edited
    }

    // MARK: Finding

    private func rule() throws(PolicyEditError) -> Node.Mapping {
        guard let root = try? compose(yaml: text), let rules = root.mapping?["rules"]?.sequence,
            let rule = rules.lazy.compactMap(\.mapping).first(where: { $0["id"]?.scalar?.string == id })
        else { throw .noSuchRule(id: id) }
        return rule
    }

    private func entry(_ name: String, of mapping: Node.Mapping) -> (key: Node, value: Node)? {
        mapping.first { $0.key.scalar?.string == name }
    }

    private func unsupported(_ node: Node) -> PolicyEditError {
        .unsupportedLayout(id: id, line: node.mark?.line ?? 1)
    }

    /// Where the value of a key begins: after the key, its colon, white space, comments.
    private func valueStart(after key: Node) throws(PolicyEditError) -> (colon: Int, value: Int) {
        guard let scalar = key.scalar, let range = range(of: scalar) else { throw unsupported(key) }
        let colon = marks.skippingSpace(range.upperBound)
        guard colon < marks.scalars.count, marks.scalars[colon] == ":" else { throw unsupported(key) }
        return (colon, marks.skippingSpace(colon + 1))
    }

    /// What a scalar covers, quotes included, anchor and tag not; nil when that can't be told from the text.
    private func range(of scalar: Node.Scalar) -> Range<Int>? {
        guard let mark = marks.offset(of: scalar.mark) else { return nil }
        let start = skippingProperties(mark)
        switch scalar.style {
        case .singleQuoted, .doubleQuoted: return FlowScanner(marks).end(of: start).map { start..<$0 }
        case .any, .plain:
            let written = Array(scalar.string.unicodeScalars)
            let end = start + written.count
            return end <= marks.scalars.count && marks.scalars[start..<end].elementsEqual(written) ? start..<end : nil
        case .literal, .folded: return nil
        }
    }

    /// The offset after anchors and tags.
    private func skippingProperties(_ start: Int) -> Int {
        var index = start
        while index < marks.scalars.count, marks.scalars[index] == "&" || marks.scalars[index] == "!" {
            index = marks.skippingSpace(FlowScanner(marks).wordEnd(index))
        }
        return index
    }

    /// Whether a mapping is in flow style.
    ///
    /// Yams takes the style from the event that ends a mapping, which has none.
    private func isFlow(at start: Int) -> Bool {
        let brace = skippingProperties(start)
        return brace < marks.scalars.count && marks.scalars[brace] == "{"
    }

    // MARK: Changing

    /// - Returns: where the thresholds end.
    private func replaceThresholds(
        _ entry: (key: Node, value: Node),
        _ thresholds: Thresholds,
        _ changes: inout [Change]
    ) throws(PolicyEditError) -> Int {
        let start = try valueStart(after: entry.key).value
        let scanner = FlowScanner(marks)
        guard start < marks.scalars.count, let mapping = entry.value.mapping else { throw unsupported(entry.key) }
        let levels = [("flag", thresholds.flag), ("block", thresholds.block)]
        if marks.scalars[start] == "*" {
            let end = scanner.wordEnd(start)
            let parts = levels.compactMap { name, value in value.map { "\(name): \($0)" } }
            changes.append(Change(range: start..<end, text: "{ \(parts.joined(separator: ", ")) }"))
            return end
        }
        var last = start
        for (name, value) in levels {
            guard let value else { continue }
            guard let level = self.entry(name, of: mapping) else { throw unsupported(entry.key) }
            let begin = try valueStart(after: level.key).value
            guard begin < marks.scalars.count else { throw unsupported(level.key) }
            let range: Range<Int>
            if marks.scalars[begin] == "*" {
                range = begin..<scanner.wordEnd(begin)
            } else if let scalar = level.value.scalar, let written = self.range(of: scalar) {
                range = written
            } else {
                throw unsupported(level.key)
            }
            changes.append(Change(range: range, text: String(value)))
            last = max(last, range.upperBound)
        }
        guard isFlow(at: start) else { return last }
        guard let end = scanner.end(of: skippingProperties(start)) else { throw unsupported(entry.key) }
        return end
    }

    private func replaceCalibration(
        _ rule: Node.Mapping,
        _ stamp: CalibrationStamp,
        after end: Int,
        key thresholds: Node,
        _ changes: inout [Change]
    ) throws(PolicyEditError) {
        guard let old = entry("calibrated", of: rule) else {
            let text = "calibrated: \(stamp.flowText)"
            if let start = marks.offset(of: rule.mark), isFlow(at: start) {
                changes.append(Change(range: end..<end, text: ", " + text))
            } else {
                let place = marks.lineEnd(end)
                let indentation = String(repeating: " ", count: max(0, (thresholds.mark?.column ?? 1) - 1))
                changes.append(Change(range: place..<place, text: marks.lineBreak + indentation + text))
            }
            return
        }
        let start = try valueStart(after: old.key)
        guard start.value < marks.scalars.count, old.value.mapping != nil else { throw unsupported(old.key) }
        let scanner = FlowScanner(marks)
        if marks.scalars[start.value] == "*" {
            changes.append(Change(range: start.value..<scanner.wordEnd(start.value), text: stamp.flowText))
        } else if isFlow(at: start.value) {
            guard let end = scanner.end(of: skippingProperties(start.value)) else { throw unsupported(old.key) }
            changes.append(Change(range: start.value..<end, text: stamp.flowText))
        } else {
            // A comment between the colon and the block stays: what follows it may be in flow style too.
            let hasComment = marks.scalars[start.colon..<start.value].contains("#")
            let begin = hasComment ? start.value : start.colon + 1
            let end = blockEnd(from: start.value, indentation: (old.key.mark?.column ?? 1) - 1)
            changes.append(Change(range: begin..<end, text: (hasComment ? "" : " ") + stamp.flowText))
        }
    }

    /// Where the last line ends that is indented by more than `indentation` and says something.
    private func blockEnd(from start: Int, indentation: Int) -> Int {
        var end = marks.lineEnd(start)
        var line = marks.nextLine(start)
        while line < marks.scalars.count {
            let content = marks.scalars[line...].firstIndex { $0 != " " } ?? marks.scalars.count
            let isBlank = content == marks.scalars.count || TextMarks.isBreak(marks.scalars[content])
            if !isBlank, content - line <= indentation { break }
            if !isBlank, marks.scalars[content] != "#" { end = marks.lineEnd(content) }
            let next = marks.nextLine(line)
            guard next > line else { break }
            line = next
        }
        return end
    }
}
