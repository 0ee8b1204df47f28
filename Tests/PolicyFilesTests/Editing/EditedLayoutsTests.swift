import Foundation
import Moderation
import PolicyFiles
import Testing

/// One way to write a policy.
struct Layout: CustomTestStringConvertible {
    var lineBreak = "\n"
    var mark = ""
    var thresholds: String
    var isFirst = false
    var calibrated = ""
    var following = ""
    var ending = "\n"
    var indentation = 2

    var testDescription: String {
        let parts = [lineBreak.debugDescription, thresholds, calibrated, following, ending.debugDescription]
        return parts.joined(separator: " | ") + " | \(indentation) \(isFirst) \(!mark.isEmpty)"
    }

    /// The file; `·` stands for the indentation of the rule's keys.
    var text: String {
        let pad = String(repeating: " ", count: indentation)
        let keys = [isFirst ? thresholds : "id: r", "principle: \"Be kind: ü, 🌍, # no comment\""]
        let rest = [isFirst ? "id: r" : thresholds, calibrated, following].filter { !$0.isEmpty }
        let lines = (keys + rest).joined(separator: "\n·")
        let rule = "\(pad)- \(lines)".replacing("·", with: pad + "  ")
        let head = "# Ünïcode 🌍\nversion: 1\npolicy: 'p' # name\nrules:\n"
        let other = "\(pad)- {id: s, terms: [a, \"b: c\"], action: flag, tests: [{text: a, expect: flag}]}\n"
        return mark + (head + other + rule + ending).replacing("\n", with: lineBreak)
    }

    /// Every combination.
    static let all: [Layout] = {
        let thresholds = [
            "thresholds: { flag: 0.5, block: 0.8 }", "thresholds: {flag: 0.5, block: 0.8} # why",
            "thresholds: {block: 0.8,flag: 0.5,}",
            "\"thresholds\" : { 'flag': 0.5, \"block\": 8e-1 }", "thresholds:\n·  flag: 0.5\n·  block: 0.8",
            "thresholds:   # why\n\n·    block: 0.8   # high\n·    # low\n·    flag: 0.5",
            "thresholds: {\n·  flag: 0.5, # low }\n·  block: 0.8\n·  }",
            "thresholds: &x { flag: !!float 0.5, block: &y 0.8 }",
        ]
        let calibrated = [
            "", "calibrated: { false_positive_rate: 0.2, interval: [0.1, 0.3], rows: 9, date: 2026-01-01, model: ab }",
            "calibrated:\n·  false_positive_rate: 0.2\n·  interval:\n·  - 0.1\n·  - 0.3\n·  rows: 9\n·  date: 2026-01-01\n·  model: ab",
        ]
        let following = ["", "# a note\n·tests: [{ text: a, expect: allow }]", "tests:\n·- text: a\n·  expect: allow"]
        var layouts: [Layout] = []
        for (index, text) in thresholds.enumerated() {
            for old in calibrated {
                for (next, tests) in following.enumerated() {
                    // The rest varies along, so that each value meets each of the others somewhere.
                    let turn = index + next + (old.isEmpty ? 0 : old.count)
                    layouts.append(
                        Layout(
                            lineBreak: ["\n", "\r\n", "\r"][turn % 3],
                            mark: turn % 2 == 0 ? "" : "\u{FEFF}",
                            thresholds: text,
                            isFirst: (index + next) % 2 == 0,
                            calibrated: old,
                            following: tests,
                            ending: ["\n", "", "\n\n# end\n"][(turn + next) % 3],
                            indentation: [2, 0, 5][(turn / 3) % 3]
                        )
                    )
                }
            }
        }
        return layouts
    }()
}

@Suite("Layouts of a policy file")
struct EditedLayoutsTests {
    private static let stamp = PolicyFileEditorTests.stamp
    private static let both = PolicyFileEditorTests.both

    @Test(
        "the edited file says the same but for thresholds and calibration, and runs on the same lines",
        arguments: Layout.all
    )
    func layouts(layout: Layout) throws {
        let old = layout.text
        let new = try PolicyFileEditorTests.edited(old)
        let before = loader.check([("p.yaml", unmarked(old))])
        let after = loader.check([("p.yaml", unmarked(new))])
        var expected = try #require(before.policy, "\(before.text)")
        var policy = try #require(after.policy, "\(after.text)")
        #expect(policy.rules.last?.detection.thresholds == Self.both)
        expected.rules[1].detection.thresholds = Self.both
        for index in policy.rules.indices { forget(&policy.rules[index]) }
        for index in expected.rules.indices { forget(&expected.rules[index]) }
        policy.revision = ""
        expected.revision = ""
        #expect(policy == expected)
        #expect(new.unicodeScalars.first == old.unicodeScalars.first)
        // What isn't written anew stands there byte for byte, in order.
        let kept = old.components(separatedBy: layout.lineBreak).filter { line in
            line.contains("#") && !line.contains("thresholds") && !line.contains("high")
        }
        for line in kept where !line.contains("0.5") { #expect(new.contains(line)) }
        if layout.lineBreak != "\n" { #expect(!new.replacing("\r\n", with: "").contains("\n")) }
        // Once more changes nothing.
        #expect(try PolicyFileEditorTests.edited(new) == new)
    }

    @Test(
        "undoing the edit by hand gives the old file, byte for byte",
        arguments: Layout.all.filter { $0.calibrated.isEmpty }
    )
    func bytes(layout: Layout) throws {
        let new = try PolicyFileEditorTests.edited(layout.text)
        let stamp = PolicyFileEditorTests.stampText
        let line = layout.lineBreak + String(repeating: " ", count: layout.indentation + 2) + stamp
        let without = Data(new.utf8).removing(Data(line.utf8))
        let block = layout.thresholds.contains("8e-1") ? "8e-1" : "0.8"
        let undone = without.replacing(Data("0.61".utf8), with: Data("0.5".utf8))
            .replacing(Data("0.874".utf8), with: Data(block.utf8))
        #expect(undone == Data(layout.text.utf8))
    }

    private func unmarked(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.drop { $0 == "\u{FEFF}" }))
    }

    /// Leaves out what an added line moves.
    private func forget(_ rule: inout Rule) {
        rule.location = nil
        for index in rule.tests.indices { rule.tests[index].location = nil }
    }
}

extension Data {
    fileprivate func removing(_ part: Data) -> Data { replacing(part, with: Data()) }
}
