import ArgumentParser
import Audit
import Foundation
import GatehouseApp

/// `gatehouse audit tail`.
struct AuditTailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Print the last decisions, and with -f those that come.",
        discussion: "In the order of recording, the newest last. Ends on an interrupt."
    )

    @Option(name: [.customShort("n"), .long], help: "At most so many records before those that come.")
    var limit = 10
    @Flag(name: .shortAndLong, help: "Wait for more.")
    var follow = false
    @Option(help: "table, jsonl or csv.")
    var format = ListFormat.table
    @OptionGroup(title: "Filters") var filter: AuditFilterOptions
    @OptionGroup var store: AuditCommand.Store

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit \(limit): expected a number that is not negative") }
        if format == .json { throw ValidationError("--format json: an array has an end; expected table, jsonl or csv") }
    }

    func run() async throws {
        try await reporting {
            let filter = try await filter.filter(in: store)
            var isFirst = true
            try await store.open().tail(filter, limit: limit, follows: follow) { entries in
                print(
                    try format.render(entries, isColoured: isTerminal, hasHeading: isFirst),
                    terminator: ""
                )
                fflush(nil)
                isFirst = false
            }
        }
    }
}
