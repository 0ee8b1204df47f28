/// How policy files are written, for editors and for authors.
public enum PolicySchema {
    /// The JSON Schema of a policy file; ends in a line feed.
    public static var json: String { JSONSchema.text(of: PolicyFormat.file, title: "Gatehouse policy") }

    /// The JSON Schema of a file of tests; ends in a line feed.
    public static var testsJSON: String {
        JSONSchema.text(of: PolicyFormat.testFile, title: "Tests of a Gatehouse policy")
    }

    /// The keys of each mapping as a table in Markdown, by the mapping's name, such as `rule`.
    package static var tables: [String: String] {
        let formats = [
            PolicyFormat.file, PolicyFormat.screen, PolicyFormat.rule, PolicyFormat.thresholds, PolicyFormat.calibrated,
            PolicyFormat.examples, PolicyFormat.limits, PolicyFormat.test, PolicyFormat.turn, PolicyFormat.score,
            PolicyFormat.override, PolicyFormat.when, PolicyFormat.change, PolicyFormat.testFile,
            PolicyFormat.policyTest,
            PolicyFormat.ruleScore, PolicyFormat.scope,
        ]
        return Dictionary(uniqueKeysWithValues: formats.map { ($0.name, FormatTable($0).text) })
    }
}
