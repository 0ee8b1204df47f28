import ArgumentParser
import GatehouseApp

/// `gatehouse policy reload`.
struct PolicyReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have a running gateway read its policy files again.",
        discussion: """
            A gateway notices changed files by itself; this says at once what came of it. Files with errors change \
            nothing: the errors are printed, and the exit code is 78.
            """
    )

    @OptionGroup var gateway: ControlOptions

    func run() async throws { try await gateway.ask { try await $0.reload() } }
}
