import ArgumentParser
import GatehouseApp

/// `gatehouse policy try`.
struct PolicyTryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract: "Try a policy on a running gateway's traffic, beside the one in force.",
        discussion: """
            It judges the same texts, and what it would have done is kept in the same records; nothing is blocked or \
            changed because of it. `policy compare` shows the differences. A trial ends with --stop, with a promotion, \
            and with the gateway.
            """
    )

    @Argument(help: "Policy file or folder, which the gateway must be able to read.")
    var path: String?
    @Flag(help: "End the trial.")
    var stop = false
    @OptionGroup var gateway: ControlOptions

    func validate() throws {
        if (path == nil) != stop { throw ValidationError("give a policy to try, or --stop") }
    }

    func run() async throws {
        try await gateway.ask { control in
            if let path { return try await control.tryOut(path) }
            return try await control.endTrial()
        }
    }
}
