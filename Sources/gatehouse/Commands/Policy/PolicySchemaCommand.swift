import ArgumentParser
import PolicyFiles

/// `gatehouse policy schema`.
struct PolicySchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of policy files.",
        discussion: """
            Editors that speak to yaml-language-server use it for a file that begins with \
            `# yaml-language-server: $schema=policy.schema.json`.
            """
    )

    @Flag(help: "Print the schema of test files instead.")
    var tests = false

    func run() { print(tests ? PolicySchema.testsJSON : PolicySchema.json, terminator: "") }
}
