import ArgumentParser

/// The command line: a thin layer over GatehouseApp.
@main
struct Gatehouse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatehouse",
        abstract: "A content-safety gateway: judges every prompt and every response before it passes.",
        discussion: """
            Start with `gatehouse model pull` and `gatehouse serve`, then point an OpenAI client at \
            http://127.0.0.1:8080/v1.

            Exit codes: 0 all is well; 1 something was found (a check that blocks, a failing policy test) or went wrong; \
            64 wrong usage; 78 a policy or settings file that can't be used.
            """,
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, CheckCommand.self, EvalCommand.self, PolicyCommand.self, AuditCommand.self,
            AdminCommand.self, DetectCommand.self, ModelCommand.self,
        ]
    )
}
