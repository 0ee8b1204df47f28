import ArgumentParser

/// The benchmark's command line.
@main
struct GatehouseBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatehouse-bench",
        abstract: "Measures how fast this machine judges.",
        discussion: "bench/README.md says how it is measured beside others.",
        subcommands: [RunCommand.self, WorkerCommand.self, RecordsCommand.self, WritesCommand.self],
        defaultSubcommand: RunCommand.self
    )
}
