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

    func run() { print(PolicySchema.json, terminator: "") }
}
