import ArgumentParser
import GatehouseApp

/// `gatehouse policy rollback`.
struct PolicyRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Put the files of the policy that was in force before back in their place.",
        discussion: "`policy log` lists the revisions."
    )

    @Option(help: "Go back to this revision. Default: the one that was in force before.")
    var to: String?
    @OptionGroup var gateway: ControlOptions

    func run() async throws { try await gateway.ask { try await $0.rollBack(to: to) } }
}
