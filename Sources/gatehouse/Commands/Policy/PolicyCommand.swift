import ArgumentParser

/// `gatehouse policy`.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Write, test, compare and change policies.",
        subcommands: [
            PolicyValidateCommand.self, PolicyTestCommand.self, PolicyExplainCommand.self, PolicyDiffCommand.self,
            PolicySchemaCommand.self, PolicyCalibrateCommand.self, PolicyStatusCommand.self, PolicyLogCommand.self,
            PolicyReloadCommand.self, PolicyBacktestCommand.self, PolicyTryCommand.self, PolicyCompareCommand.self,
            PolicyPromoteCommand.self, PolicyRollbackCommand.self,
        ]
    )
}
