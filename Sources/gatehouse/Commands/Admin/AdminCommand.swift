public import Admin
public import ArgumentParser
import GatehouseApp

/// `gatehouse admin`.
struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "Say who may use the admin API.",
        subcommands: [Key.self]
    )

    /// `gatehouse admin key`.
    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give people keys of the admin API, and take them back.",
            discussion: "A running gateway takes up what is changed with the next request.",
            subcommands: [Create.self, List.self, Revoke.self]
        )
    }

    /// Which file with keys, and which store is told.
    struct Keys: ParsableArguments {
        @Option(help: "File with the keys. Default: what the settings say.")
        var adminKeys: String?
        @OptionGroup var store: AuditCommand.Store

        func open() throws -> AdminKeys { try AdminKeys(settings: store.read([(.adminKeys, adminKeys)])) }
    }
}

extension AdminCommand.Key {
    /// `gatehouse admin key create`.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it, this once: only a hash of it is kept.",
            discussion: """
                A reader sees decisions, scores and counts; a reviewer also reads kept texts and says whether decisions were \
                right; an admin also signs, erases and deletes.
                """
        )

        @Option(help: "Whose it is; recorded of all that is done with it.")
        var name: String
        @Option(help: "What its holder may do: reader, reviewer or admin.")
        var role: AdminRole
        @Option(help: "From when on it opens nothing: a span such as 90d, a date or a date-time. Default: never.")
        var expires: String?
        @OptionGroup var keys: AdminCommand.Keys

        func run() async throws {
            try await reporting { print(try await keys.open().create(name: name, role: role, expires: expires)) }
        }
    }

    /// `gatehouse admin key list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List who has or had a key; the keys are known to nobody."
        )

        @Option(help: "text or json (one key a line).")
        var format = OutputFormat.text
        @OptionGroup var keys: AdminCommand.Keys

        func run() async throws {
            try await reporting { print(try keys.open().list(asJSON: format == .json), terminator: "") }
        }
    }

    /// `gatehouse admin key revoke`.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take somebody's key back.")

        @Argument(help: "Whose.")
        var name: String
        @OptionGroup var keys: AdminCommand.Keys

        func run() async throws {
            try await reporting {
                try await keys.open().revoke(name: name)
                print("the key of '\(name)' opens nothing any more")
            }
        }
    }
}

extension AdminRole: ExpressibleByArgument {}
