import ArgumentParser

/// `gatehouse audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Ask what was blocked, and why.",
        discussion: "Reads the audit store, also while a gateway writes it. Times are UTC.",
        subcommands: [
            AuditListCommand.self, AuditShowCommand.self, AuditSearchCommand.self, AuditStatsCommand.self,
            AuditTopCommand.self, AuditTailCommand.self, Queries.self, AuditReviewCommand.self, AuditLabelCommand.self,
            AuditLabelsCommand.self, AuditExportCommand.self, Verify.self, Checkpoint.self, Key.self, Erase.self,
            Rekey.self, Prune.self, Acts.self,
        ]
    )
}
