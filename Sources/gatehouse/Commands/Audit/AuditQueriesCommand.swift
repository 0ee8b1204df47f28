import ArgumentParser
import GatehouseApp

extension AuditCommand {
    /// `gatehouse audit queries`.
    struct Queries: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "See and delete the queries that were saved with 'audit list --save'.",
            subcommands: [List.self, Delete.self]
        )

        /// `gatehouse audit queries list`.
        struct List: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "List the saved queries, and who saved them.")

            @Option(help: "text or json.")
            var format = OutputFormat.text
            @OptionGroup var store: Store

            func run() async throws {
                try await reporting {
                    let queries = try AuditSavedQueries(settings: store.read())
                    print(try await queries.list(asJSON: format == .json), terminator: "")
                }
            }
        }

        /// `gatehouse audit queries delete`.
        struct Delete: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Delete a saved query.")

            @Argument(help: "Its name, without the @.")
            var name: String
            @OptionGroup var store: Store

            func run() async throws {
                try await reporting { try await AuditSavedQueries(settings: store.read()).delete(name) }
            }
        }
    }
}
