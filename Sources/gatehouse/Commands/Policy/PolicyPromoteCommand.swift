import ArgumentParser
import GatehouseApp

/// `gatehouse policy promote`.
struct PolicyPromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Put the policy that is tried in force: its files take the place of those in force.",
        discussion: """
            All at once, and only where they are the same rules in their new place. The files that were in force stay in \
            the history: `policy rollback` puts them back.
            """
    )

    @OptionGroup var gateway: ControlOptions

    func run() async throws { try await gateway.ask { try await $0.promote() } }
}
