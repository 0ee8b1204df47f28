import Foundation
import Moderation
import PolicyFiles
import Testing

/// Takes every detection, so that tests of the reader don't hang on what detectors can do.
private struct AnyDetectors: DetectorBuilder {
    func detector(for detection: Detection) throws(DetectionError) -> (any Detector)? { nil }
}

@Suite("Reading what rules look for")
struct DetectionReadingTests {
    private func rules(_ rules: String, in folder: String = "") throws -> [Rule] {
        let text = "version: 1\npolicy: p\nrules:\n\(rules)\n"
        let report = PolicyLoader(detectors: AnyDetectors()).check([(folder + "p.yaml", text)])
        return try #require(report.policy, "\(report.text)").rules
    }

    @Test("examples with thresholds")
    func examples() throws {
        let rule = try rules(
            """
              - id: a
                examples: { positive: [' When does the train leave?'], negative: [When does the boat leave?] }
                thresholds: { flag: 0.7 }
                tests: [{ text: x, expect: flag, score: { min: 0.7, max: 0.9 } }]
            """
        )[0]
        let examples = Examples(
            positive: ["When does the train leave?"],
            negative: ["When does the boat leave?"],
            thresholds: Thresholds(flag: 0.7)
        )
        #expect(rule.detection == .examples(examples))
        #expect(rule.tests.first?.minScore == 0.7 && rule.tests.first?.maxScore == 0.9)
    }

    @Test("more examples than a model should compare with are refused")
    func manyExamples() {
        let list = (0...100).map { "e\($0)" }.joined(separator: ", ")
        let text = """
            version: 1
            policy: p
            rules: [{ id: a, examples: { positive: [\(list)] }, thresholds: { block: 1 }, tests: [{ text: x, expect: allow }] }]
            """
        #expect(loader.check([("p.yaml", text)]).diagnostics.map(\.code) == [.tooLarge])
    }

    @Test("limits")
    func limits() throws {
        let rule = try rules(
            """
              - id: a
                limits: { max_characters: 2000, max_links: 0, max_repetition: 0.5, languages: [en, no] }
                action: block
                tests: [{ text: x, expect: block }]
            """
        )[0]
        let limits = Limits(maxCharacters: 2000, maxLinks: 0, maxRepetition: 0.5, languages: ["en", "no"])
        #expect(rule.detection == .limits(limits))
        #expect(rule.action == .block)
    }

    @Test("how matches are redacted")
    func redaction() throws {
        let rules = try rules(
            """
              - { id: a, pii: [email], action: redact, tests: [{ text: x, expect: allow }] }
              - { id: b, pii: [email], action: redact, redact_as: placeholder, restore: true, tests: [{ text: x, expect: allow }] }
            """
        )
        #expect(rules.map(\.redactAs) == [.mask, .placeholder])
        #expect(rules.map(\.restores) == [false, true])
    }

    @Test("terms in the policy and in files, each with its language")
    func terms() throws {
        let folder = try TemporaryFolder([
            "lists/de.txt": "\u{FEFF}# Deutsch\n\n  Nachtigall \r\nAmsel\n#Drossel",
            "lists/birds.fr.txt": "rossignol\n", "lists/more.txt": "blackbird\n",
        ])
        let rule = try rules(
            """
              - id: a
                terms: [nightingale]
                terms_from: [lists/de.txt, lists/birds.fr.txt, lists/more.txt]
                match: stem
                language: 'no'
                action: flag
                tests: [{ text: x, expect: allow }]
            """,
            in: folder.path + "/"
        )[0]
        let lists = [
            TermList(language: "no", terms: ["nightingale"]), TermList(language: "de", terms: ["Nachtigall", "Amsel"]),
            TermList(language: "fr", terms: ["rossignol"]), TermList(language: "no", terms: ["blackbird"]),
        ]
        #expect(rule.detection == .terms(Terms(lists: lists, match: .stem)))
    }

    @Test("files of terms are told, and have a size in all")
    func termFileSizes() throws {
        let folder = try TemporaryFolder([
            "big.txt": String(repeating: String(repeating: "x", count: 400) + "\n", count: 2_400)
        ])
        let names = Array(repeating: "big.txt", count: 18).joined(separator: ", ")
        let rule = "{ id: a, terms_from: [\(names)], action: flag, tests: [{ text: x, expect: flag }] }"
        let text = "version: 1\npolicy: p\nrules: [\(rule)]\n"
        let report = PolicyLoader(detectors: AnyDetectors()).check([(folder.path + "/p.yaml", text)])
        #expect(report.diagnostics.map(\.code) == [.tooLarge])
        #expect(report.termFiles == [folder.path + "/big.txt"])
    }

    @Test("what came before the text of a test")
    func turns() throws {
        let rule = try rules(
            """
              - id: a
                terms: [x]
                action: flag
                tests:
                  - { before: [{ system: Be kind. }, { user: Hello }, { assistant: Hi }], text: x, expect: flag }
            """
        )[0]
        let before = try #require(rule.tests.first).before
        #expect(before.map(\.role) == [.system, .user, .assistant])
        #expect(before.map(\.text) == ["Be kind.", "Hello", "Hi"])
        #expect(Set(before.flatMap(\.parts).map(\.pointer)).count == 3)
    }

    @Test("the list of trained principles is that of the adapter's own description")
    func trainedPrinciples() throws {
        let card = Places.repository.appending(path: "fixtures/models/shield-270m/README.md")
        let principles = try String(contentsOf: card, encoding: .utf8).split(separator: "\n").compactMap { line in
            !line.hasPrefix("- `") ? nil : line.firstRange(of: "`: ").map { String(line[$0.upperBound...]) }
        }
        #expect(principles.count == 9)
        for (index, principle) in principles.enumerated() {
            let rule =
                "{ id: a, principle: \"\(principle)\", thresholds: { block: 1 }, tests: [{ text: x, expect: allow }] }"
            let report = loader.check([("p.yaml", "version: 1\npolicy: p\nrules: [\(rule)]\n")])
            #expect(report.isValid && report.diagnostics.isEmpty, "principle \(index)")
        }
    }
}
