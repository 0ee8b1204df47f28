import ArgumentParser
import GatehouseApp

extension AuditCommand {
    /// `gatehouse audit verify`.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that no record was changed, removed, moved or added.",
            discussion: "Ends with exit code 1 when something is wrong, and names the first such record."
        )

        @Option(help: "Key that checkpoints must be signed with, or its file. Default: that of audit.signing_key.")
        var publicKey: [String] = []
        @Option(help: "Line that 'audit checkpoint' printed once.")
        var checkpoint: [String] = []
        @Option(help: "text or json.")
        var format = OutputFormat.text
        @OptionGroup var store: Store

        func run() async throws {
            try await reporting {
                let (report, isSound) = try await AuditIntegrity(settings: store.read())
                    .verify(publicKeys: publicKey, checkpoints: checkpoint, asJSON: format == .json)
                print(report, terminator: "")
                if !isSound { throw ExitCode(1) }
            }
        }
    }

    /// `gatehouse audit checkpoint`.
    struct Checkpoint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign where the chain of records ends, and print the line to publish elsewhere."
        )

        @OptionGroup var store: SigningStore

        func run() async throws {
            try await reporting {
                print(try await AuditIntegrity(settings: store.read()).checkpoint(), terminator: "")
            }
        }
    }

    /// `gatehouse audit key`.
    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the public half of a signing key, which is made where the file is absent."
        )

        @Argument(help: "File with the key; keep it where the audit store is not.")
        var file: String

        func run() async throws {
            try await reporting { print(try AuditIntegrity.publicKey(of: file), terminator: "") }
        }
    }
}
