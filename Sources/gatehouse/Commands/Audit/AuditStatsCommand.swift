import ArgumentParser
import Audit
import Foundation
import GatehouseApp

/// `gatehouse audit stats`.
struct AuditStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Draw decisions over time, by outcome, rule and tenant, scores and latency."
    )

    @OptionGroup(title: "Filters") var filter: AuditFilterOptions
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @Option(help: "Write one self-contained page to this file instead.")
    var html: String?
    @OptionGroup var store: AuditCommand.Store

    func run() async throws {
        try await reporting {
            let stats = try await store.open().stats(filter.filter(in: store))
            if let html {
                let title = CommandLine.arguments.dropFirst().joined(separator: " ")
                try Data(StatsPage.render(stats, title: "gatehouse " + title).utf8).write(
                    to: URL(fileURLWithPath: html)
                )
            } else if format == .json {
                print(try AuditJSON.line(stats))
            } else {
                print(StatsChart.render(stats, isColoured: isTerminal), terminator: "")
            }
        }
    }
}
