import Foundation
import Moderation
import PolicyFiles
import Testing

/// Each `Fixtures/NAME.yaml` gives exactly the report in `Fixtures/NAME.expected`.
///
/// Run with `GATEHOUSE_RECORD=1` to write the reports anew, then read the difference.
@Suite("Diagnostics")
struct GoldenDiagnosticsTests {
    static let names =
        (try? FileManager.default.contentsOfDirectory(atPath: Places.fixtures.path))
        .map { $0.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted() } ?? []

    /// The report of a fixture, with paths relative to the folder of fixtures.
    static func report(_ name: String) -> String {
        loader.check(Places.fixtures.appending(path: "\(name).yaml").path).text
            .replacing(Places.fixtures.path + "/", with: "")
    }

    @Test("a file gives the expected report", arguments: names)
    func report(name: String) throws {
        let report = Self.report(name)
        let expected = Places.fixtures.appending(path: "\(name).expected")
        if ProcessInfo.processInfo.environment["GATEHOUSE_RECORD"] == "1" {
            try Data(report.utf8).write(to: expected)
        }
        #expect(try String(contentsOf: expected, encoding: .utf8) == report)
    }

    @Test("there are fixtures")
    func fixtures() {
        #expect(Self.names.count > 20)
    }

    @Test("each diagnostic points at a column that is there", arguments: names)
    func columns(name: String) throws {
        for diagnostic in loader.check(Places.fixtures.appending(path: "\(name).yaml").path).diagnostics {
            for place in [diagnostic.location] + diagnostic.notes.map(\.location) {
                let data = try Data(contentsOf: URL(fileURLWithPath: place.file))
                let lines = data.split(separator: 0x0A, omittingEmptySubsequences: false)
                #expect(lines.indices.contains(place.line - 1))
                #expect(place.column <= String(decoding: lines[place.line - 1], as: UTF8.self).unicodeScalars.count + 1)
            }
            #expect(diagnostic.help != nil)
        }
    }

    @Test("diagnostics survive JSON")
    func json() throws {
        let text = "version: 1\npolicy: [x]\nrulse: 3\n"
        var report = loader.check([(file: "a.yaml", text: text)])
        #expect(report.sources == [PolicySource(path: "a.yaml", text: text)])
        // The texts are the author's own: a report need not repeat them.
        report.sources = []
        let decoded = try JSONDecoder().decode(PolicyReport.self, from: JSONEncoder().encode(report))
        #expect(decoded == report)
        #expect(!report.diagnostics.isEmpty)
    }

    @Test("control characters in a file don't reach the terminal")
    func controlCharacters() {
        let report = loader.check([(file: "a.yaml", text: "version: 1\npolicy: x\nbad\u{7F}\u{85}key: \u{9B}31m\n")])
        #expect(!report.text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
    }

    @Test("a slip of the finger finds the key that was meant")
    func suggestions() {
        let keys = ["applies_to", "action", "tests", "terms", "thresholds"]
        #expect(Suggestion.nearest(to: "applies-to", in: keys) == "applies_to")
        #expect(Suggestion.nearest(to: "acton", in: keys) == "action")
        #expect(Suggestion.nearest(to: "tresholds", in: keys) == "thresholds")
        #expect(Suggestion.nearest(to: "Terms", in: keys) == "terms")
        #expect(Suggestion.nearest(to: "colour", in: keys) == nil)
        #expect(Suggestion.nearest(to: String(repeating: "x", count: 10_000), in: keys) == nil)
    }
}
