import ArgumentParser
import GatehouseApp

/// `gatehouse policy status`.
struct PolicyStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say which policy a running gateway judges by, and which one it tries."
    )

    @OptionGroup var gateway: ControlOptions

    func run() async throws { try await gateway.ask { try await $0.status() } }
}
