import Foundation
import Moderation
import PolicyFiles
import Testing

@Suite("The format's description")
struct PolicySchemaTests {
    static let isRecording = ProcessInfo.processInfo.environment["GATEHOUSE_RECORD"] == "1"
    static let readme = Places.policies.appending(path: "README.md")

    @Test("the schemas that editors use are those that the program prints")
    func schemasAreCurrent() throws {
        for (name, text) in ["policy": PolicySchema.json, "policy-tests": PolicySchema.testsJSON] {
            let file = Places.policies.appending(path: "\(name).schema.json")
            if Self.isRecording { try Data(text.utf8).write(to: file) }
            #expect(try String(contentsOf: file, encoding: .utf8) == text)
        }
    }

    @Test("the tables for authors are made of the same keys, that of codes of the codes")
    func tablesAreCurrent() throws {
        var blocks = Dictionary(uniqueKeysWithValues: PolicySchema.tables.map { ("keys: \($0.key)", $0.value) })
        let rows = PolicyDiagnosticCode.allCases.map { code in
            "| [`\(code.rawValue)`](../docs/diagnostics/\(code.rawValue).md) | \(code.summary) |\n"
        }
        blocks["codes"] = "| code | means |\n|---|---|\n" + rows.joined()
        var text = try String(contentsOf: Self.readme, encoding: .utf8)
        for (name, expected) in blocks {
            let start = try #require(text.firstRange(of: "<!-- \(name) -->\n"), "\(name)")
            let end = try #require(text[start.upperBound...].firstRange(of: "<!-- end -->"), "\(name)")
            let found = start.upperBound..<end.lowerBound
            if Self.isRecording {
                text.replaceSubrange(found, with: expected)
            } else {
                #expect(String(text[found]) == expected)
            }
        }
        if Self.isRecording { try Data(text.utf8).write(to: Self.readme) }
    }

    // MARK: Schema and reader

    private var schema: [String: Any] {
        get throws {
            let object = try JSONSerialization.jsonObject(with: Data(PolicySchema.json.utf8))
            return try #require(object as? [String: Any])
        }
    }

    private func properties(_ definition: String) throws -> [String: [String: Any]] {
        let definitions = try #require(try schema["definitions"] as? [String: Any])
        let mapping = try #require(definitions[definition] as? [String: Any])
        return try #require(mapping["properties"] as? [String: [String: Any]])
    }

    /// Words of a property, or of its items.
    private func words(_ property: [String: Any]) -> [String]? {
        property["enum"] as? [String] ?? (property["items"] as? [String: Any])?["enum"] as? [String]
    }

    @Test("the words that the schema lists are those of the code")
    func words() throws {
        let rule = try properties("rule")
        #expect(words(rule["pii"] ?? [:]) == PIIKind.allCases.map(\.rawValue))
        #expect(words(rule["secrets"] ?? [:]) == SecretKind.allCases.map(\.rawValue))
        #expect(words(rule["redact_as"] ?? [:]) == RedactionStyle.allCases.map(\.rawValue))
        #expect(words(rule["mode"] ?? [:]) == RuleMode.allCases.map(\.rawValue))
        #expect(words(rule["match"] ?? [:]) == TermMatch.allCases.map(\.rawValue))
        #expect(words(rule["action"] ?? [:]) == ["flag", "redact", "block"])
        #expect(words(try properties("test")["expect"] ?? [:]) == Outcome.allCases.map(\.rawValue))
    }

    @Test("the reader takes every word that the schema lists, and no other")
    func readerTakesWords() throws {
        for (key, property) in try properties("rule") {
            for word in (words(property) ?? []) + ["zebra"] {
                let value = property["items"] == nil ? word : "[\(word)]"
                let kind = ["pii", "secrets"].contains(key) ? "" : "terms: [x], "
                let needs = key == "redact_as" ? "action: redact, " : key == "action" ? "" : "action: flag, "
                let text = "version: 1\npolicy: p\nrules: [{ id: a, \(kind)\(needs)\(key): \(value) }]\n"
                guard words(property) != nil else { continue }
                let codes = loader.check([("p.yaml", text)]).diagnostics.filter { $0.severity == .error }.map(\.code)
                #expect(codes == (word == "zebra" ? [.unknownValue] : []), "\(key): \(word)")
            }
        }
    }

    @Test("the reader knows every key of every mapping that the schema has, and each has a type and a meaning")
    func readerKnowsKeys() throws {
        let definitions = try #require(try schema["definitions"] as? [String: [String: Any]])
        let ofTests = ["file", "testFile", "policyTest", "ruleScore", "scope"]
        #expect(Set(definitions.keys).union(ofTests) == Set(PolicySchema.tables.keys))
        for (name, definition) in definitions {
            #expect(definition["additionalProperties"] as? Bool == false)
            for (key, property) in try #require(definition["properties"] as? [String: [String: Any]]) {
                let description = try #require(property["description"] as? String, "\(name).\(key)")
                #expect(!description.isEmpty)
                #expect(["type", "allOf", "oneOf", "enum"].contains { property[$0] != nil }, "\(name).\(key)")
            }
        }
    }

    @Test("shipped policies tell editors where the schema is")
    func shippedPolicies() throws {
        let folder = Places.policies.resolvingSymlinksInPath()
        let policies = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".yaml") && !$0.contains("/tests/") }.map { folder.appending(path: $0) }
        #expect(policies.count >= 2)
        for policy in policies {
            let first = try String(contentsOf: policy, encoding: .utf8).prefix { $0 != "\n" }
            let prefix = "# yaml-language-server: $schema="
            #expect(first.hasPrefix(prefix), "\(policy.lastPathComponent)")
            let target = policy.deletingLastPathComponent().appending(path: String(first.dropFirst(prefix.count)))
            #expect(
                target.standardizedFileURL.path == folder.appending(path: "policy.schema.json").path,
                "\(policy.lastPathComponent)"
            )
        }
    }
}
