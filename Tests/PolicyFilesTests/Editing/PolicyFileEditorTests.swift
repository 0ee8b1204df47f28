import Foundation
import Moderation
import PolicyFiles
import Testing

@Suite("Editing a policy file in place")
struct PolicyFileEditorTests {
    static let stamp = CalibrationStamp(
        falsePositiveRate: 0.008,
        interval: 0.003...0.017,
        recall: 0.41,
        rows: 812,
        date: "2026-11-24",
        model: "a5fd3b62230a"
    )
    static let stampText =
        "calibrated: { false_positive_rate: 0.008, interval: [0.003, 0.017], recall: 0.41, rows: 812, "
        + "date: 2026-11-24, model: a5fd3b62230a }"
    static let both = Thresholds(flag: 0.61, block: 0.874)

    /// What a file holds after the rule `r` got new thresholds.
    static func edited(
        _ text: String,
        _ thresholds: Thresholds = both,
        _ stamp: CalibrationStamp = stamp
    ) throws -> String {
        let folder = try TemporaryFolder(["p.yaml": text])
        let path = folder.path + "/p.yaml"
        try PolicyFileEditor(path: path).set(thresholds, stamp, ofRule: "r")
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    @Test("flow style: the numbers change where they stand, and a line is added below")
    func flow() throws {
        let text = """
            version: 1   # the format
            policy: p
            rules:
            - {id: other, principle: x, thresholds: {flag: 0.5, block: 0.8}}
            -   id: r
                # chosen by hand
                thresholds: { flag: 0.5 ,  block: 0.80 }   # as of March
                principle: 'It''s "quoted"'

            """
        let expected = text.replacing("{ flag: 0.5 ,  block: 0.80 }", with: "{ flag: 0.61 ,  block: 0.874 }")
            .replacing("# as of March\n", with: "# as of March\n    \(Self.stampText)\n")
        #expect(try Self.edited(text) == expected)
    }

    @Test("block style with comments between")
    func block() throws {
        let text = """
            rules:
              - thresholds:
                  # first
                  block: 0.8     # high
                  # second
                  flag:    0.5   # low
                id: r
                principle: x
            """
        let expected = text.replacing("0.8 ", with: "0.874 ")
            .replacing("0.5   # low\n", with: "0.61   # low\n    \(Self.stampText)\n")
        #expect(try Self.edited(text) == expected)
    }

    @Test("a rule in flow style gets the calibration beside its thresholds")
    func flowRule() throws {
        let text = #"{"rules":[{"id":"r","thresholds":{"flag":0.5,"block":0.8},"principle":"a } b"}]}"#
        let expected = text.replacing("0.5", with: "0.61")
            .replacing("0.8}", with: "0.874}, \(Self.stampText)")
        #expect(try Self.edited(text) == expected)
    }

    @Test(
        "a calibration that is there is replaced",
        arguments: [
            "    calibrated: { false_positive_rate: 0.1, interval: [0, 1], rows: 3 }   # kept\n",
            "    calibrated:   {false_positive_rate: 0.1,\n      interval: [0, 1] # gone\n  }   # kept\n",
            "    'calibrated':\n      false_positive_rate: 0.1\n      interval:\n        - 0\n        - 1\n      rows: 3\n\n",
            "    calibrated: # kept\n      rows: 3\n",
        ]
    )
    func replaced(old: String) throws {
        let text = "rules:\n  - id: r\n\(old)    thresholds: { flag: 0.5, block: 0.8 }\n    principle: x\n"
        let edited = try Self.edited(text)
        #expect(edited.contains("# kept") == old.contains("# kept"))
        #expect(!edited.contains("# gone") && !edited.contains("rows: 3"))
        #expect(edited.hasSuffix("    thresholds: { flag: 0.61, block: 0.874 }\n    principle: x\n"))
        let stamp = Self.stampText.replacing("calibrated: ", with: "")
        #expect(edited.split(separator: stamp, omittingEmptySubsequences: false).count == 2)
        // A second run finds what the first one wrote.
        #expect(try Self.edited(edited) == edited)
    }

    @Test("only the thresholds that the rule has written are changed")
    func one() throws {
        let text = "rules: [{id: r, thresholds: {block: 0.8}}]"
        let expected = "rules: [{id: r, thresholds: {block: 0.874}, \(Self.stampText)}]"
        #expect(try Self.edited(text, Thresholds(block: 0.874)) == expected)
    }

    @Test("an alias is written out; the rule that owns the anchor keeps its values")
    func alias() throws {
        let text = """
            rules:
              - { id: a, thresholds: &t { flag: 0.5, block: &b 0.8 } }
              - id: r
                thresholds: *t
              - { id: c, thresholds: { block: *b } }
            """
        let expected = text.replacing("*t", with: "{ flag: 0.61, block: 0.874 }\n    \(Self.stampText)")
        #expect(try Self.edited(text) == expected)
        let number = "rules:\n  - { id: a, thresholds: { block: &b 0.8 } }\n  - { id: r, thresholds: { block: *b } }\n"
        let edited = try Self.edited(number, Thresholds(block: 0.874))
        #expect(edited == number.replacing("*b }", with: "0.874 }, \(Self.stampText)"))
    }

    @Test("values that other rules share by an anchor are left alone, and nothing is written")
    func anchor() throws {
        let text = "rules:\n  - { id: r, thresholds: &t { flag: 0.5, block: 0.8 } }\n  - { id: b, thresholds: *t }\n"
        let folder = try TemporaryFolder(["p.yaml": text])
        let path = folder.path + "/p.yaml"
        let editor = try PolicyFileEditor(path: path)
        #expect(throws: PolicyEditError.wouldChangeMore(id: "r")) {
            try editor.set(Self.both, Self.stamp, ofRule: "r")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(text.utf8))
    }

    @Test("without violations there is no recall; a model of digits alone is quoted")
    func stamps() throws {
        var stamp = Self.stamp
        stamp.recall = nil
        stamp.model = "123456789012"
        let edited = try Self.edited("rules: [{id: r, thresholds: {block: 0.8}}]", Thresholds(block: 0.9), stamp)
        #expect(!edited.contains("recall") && edited.contains(#"model: "123456789012""#))
    }

    @Test("a rule that isn't there, or has no thresholds")
    func absent() throws {
        #expect(throws: PolicyEditError.noSuchRule(id: "r")) { try Self.edited("rules: [{id: a}, {id: r}]") }
        #expect(throws: PolicyEditError.noSuchRule(id: "r")) { try Self.edited("rules: [{id: a}]") }
        #expect(throws: PolicyEditError.noSuchRule(id: "r")) { try Self.edited("- [") }
    }

    @Test("a layout that can't be edited is named by its line")
    func unsupported() throws {
        let text = "rules:\n  - id: r\n    thresholds:\n      flag: 0.5\n"
        #expect(throws: PolicyEditError.unsupportedLayout(id: "r", line: 3)) { try Self.edited(text) }
    }
}

@Suite("Writing a policy file")
struct PolicyFileWritingTests {
    private static let text = "rules: [{id: r, thresholds: {block: 0.8}}]\n"

    private func set(_ path: String) throws {
        try PolicyFileEditor(path: path).set(Thresholds(block: 0.9), PolicyFileEditorTests.stamp, ofRule: "r")
    }

    @Test("permissions stay, a link stays a link, and nothing is left beside the file")
    func kept() throws {
        let folder = try TemporaryFolder(["p.yaml": Self.text])
        let (path, link) = (folder.path + "/p.yaml", folder.path + "/link.yaml")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        try set(link)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("block: 0.9"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["link.yaml", "p.yaml"])
    }

    @Test("a read-only file is an error before any work is done")
    func readOnly() throws {
        let folder = try TemporaryFolder(["p.yaml": Self.text])
        let path = folder.path + "/p.yaml"
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
        #expect(throws: PolicyEditError.notWritable(path: path, reason: "the file is read-only")) {
            try PolicyFileEditor(path: path)
        }
        #expect(throws: PolicyEditError.unreadable(path: folder.path + "/q.yaml")) {
            try PolicyFileEditor(path: folder.path + "/q.yaml")
        }
    }

    @Test("a file that someone else wrote in the meantime keeps what they wrote")
    func changed() throws {
        let folder = try TemporaryFolder(["p.yaml": Self.text])
        let path = folder.path + "/p.yaml"
        let editor = try PolicyFileEditor(path: path)
        try folder.write("p.yaml", Data("# new\n\(Self.text)".utf8))
        #expect(throws: PolicyEditError.changed(path: path)) {
            try editor.set(Thresholds(block: 0.9), PolicyFileEditorTests.stamp, ofRule: "r")
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("# new\n"))
    }

    @Test("what was read can be put back")
    func restored() throws {
        let folder = try TemporaryFolder(["p.yaml": "\u{FEFF}" + Self.text])
        let path = folder.path + "/p.yaml"
        let editor = try PolicyFileEditor(path: path)
        try editor.set(Thresholds(block: 0.9), PolicyFileEditorTests.stamp, ofRule: "r")
        try editor.restore()
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(("\u{FEFF}" + Self.text).utf8))
    }
}
