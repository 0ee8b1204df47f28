import ArgumentParser

/// `gatehouse policy`.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Check, test and compare policy files.",
        subcommands: [PolicyValidateCommand.self, PolicyTestCommand.self, PolicySchemaCommand.self]
    )
}
