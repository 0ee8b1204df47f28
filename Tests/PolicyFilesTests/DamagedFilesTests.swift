import Foundation
import Moderation
import PolicyFiles
import Testing

@Suite("Damaged files")
struct DamagedFilesTests {
    /// Numbers that look random and are the same in each run (SplitMix64).
    struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static let pieces: [Unicode.Scalar] = [
        " ", "\n", ":", "-", "{", "[", "]", "}", "&", "*", "?", "'", "\"", "#", "|", "é", "\t", "1",
    ]

    /// The text with one to four places damaged.
    private func damaged(_ text: String, _ numbers: inout Numbers) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
            let place = Int.random(in: 0...scalars.count, using: &numbers)
            switch Int.random(in: 0..<3, using: &numbers) {
            case 0: scalars.insert(Self.pieces.randomElement(using: &numbers) ?? " ", at: place)
            case 1: scalars.removeSubrange(place..<min(place + 3, scalars.count))
            default: scalars.insert(contentsOf: scalars[place...].prefix(20), at: place)
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    @Test("no damage goes without a diagnostic or a usable policy", arguments: GoldenDiagnosticsTests.names)
    func damage(name: String) throws {
        let text = try String(contentsOf: Places.fixtures.appending(path: "\(name).yaml"), encoding: .utf8)
        var numbers = Numbers(state: 7)
        // Beside the fixtures, so that what is extended and the lists of terms are found.
        let file = Places.fixtures.appending(path: "x.yaml").path
        for _ in 0..<100 {
            let report = loader.check([(file: file, text: damaged(text, &numbers))])
            #expect(report.isValid || report.diagnostics.contains { $0.severity == .error })
            #expect(!report.text.isEmpty)
        }
    }

    @Test("damage in extended files and lists of terms is no different")
    func damagedBases() throws {
        var numbers = Numbers(state: 11)
        let base = try String(contentsOf: Places.fixtures.appending(path: "bases/locked.yaml"), encoding: .utf8)
        let own = """
            version: 1
            policy: p
            extends: base.yaml
            rules: [{ id: a, terms_from: [en.txt], action: flag, tests: [{ text: x, expect: allow }] }]
            overrides: [{ when: { tenant: t }, rules: { polite: { thresholds: { block: 0.5 } }, a: { mode: shadow } } }]
            """
        let folder = try TemporaryFolder(["own.yaml": own])
        for _ in 0..<100 {
            try folder.write("base.yaml", Data(damaged(base, &numbers).utf8))
            try folder.write("en.txt", Data(damaged("nightingale\nblackbird\n", &numbers).utf8))
            let report = loader.check(folder.path + "/own.yaml")
            #expect(report.isValid || report.diagnostics.contains { $0.severity == .error })
        }
    }

    @Test("as many problems as there are values on one long line are told in bounded time and space")
    func manyProblems() {
        let rules = String(repeating: "x, ", count: 40_000)
        let report = loader.check([("a.yaml", "{ version: 1, policy: p, rules: [\(rules)] }\n")])
        #expect(report.policy == nil)
        #expect(report.diagnostics.count == 501)
        #expect(report.diagnostics.contains { $0.message == "there are 39500 more errors" })
        #expect(report.text.utf8.count < 300_000)
    }

    @Test("a policy with very many warnings is still valid")
    func manyWarnings() {
        let rules = (0..<600).map { "  - { id: r\($0), terms: [x], action: flag }\n" }.joined()
        let report = loader.check([("a.yaml", "version: 1\npolicy: p\nrules:\n\(rules)")])
        #expect(report.isValid)
        #expect(report.diagnostics.last?.message == "there are 100 more warnings")
    }

    @Test("more rules or overrides than a policy needs are an error")
    func manyRules() {
        let rule = "{ id: a, terms: [x], action: flag }"
        let rules = (0...5_000).map { "{ id: r\($0), terms: [x], action: flag }" }.joined(separator: ", ")
        let tooMany = loader.check([("a.yaml", "version: 1\npolicy: p\nrules: [\(rules)]\n")])
        #expect(tooMany.diagnostics.first { $0.severity == .error }?.code == .tooLarge)
        let overrides = String(repeating: "{ reply: No. }, ", count: 1_001)
        let text = "version: 1\npolicy: p\nrules: [\(rule)]\noverrides: [\(overrides)]\n"
        #expect(loader.check([("a.yaml", text)]).diagnostics.contains { $0.code == .tooLarge })
    }

    @Test("many names of rules that are not there are told in bounded time")
    func manyUnknownRules() {
        let rules = (0..<2_000).map { "{ id: r\($0), terms: [x], action: flag }" }.joined(separator: ", ")
        let ids = (0..<20_000).map { "x\($0)" }.joined(separator: ", ")
        let text = "version: 1\npolicy: p\nrules: [\(rules)]\noverrides: [{ disable: [\(ids)] }]\n"
        let report = loader.check([("a.yaml", text)])
        #expect(report.diagnostics.count { $0.code == .unknownRule } == 500)
        #expect(report.text.utf8.count < 500_000)
    }
}
