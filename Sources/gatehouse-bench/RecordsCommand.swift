import ArgumentParser
import Audit
import Foundation
import Moderation
import PolicyFiles

/// `gatehouse-bench records`: fills an audit file with made-up decisions, to measure what reads many of them.
///
/// Policies, detectors and store are those of the gateway; only texts and scores are made up.
struct RecordsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "records",
        abstract: "Write made-up decisions to an audit file, as the gateway writes them."
    )

    @Argument(help: "The audit file; records are added to one that is there.")
    var file: String
    @Option(help: "How many decisions.")
    var count = 1_000_000
    @Option(help: "Over how many days up to now they are spread.")
    var days = 7.0
    @OptionGroup var source: MadeUpRecords.Options

    /// Decisions that are handed over before it is waited for the last.
    private static let batch = 1000

    func validate() throws {
        if count < 1 { throw ValidationError("--count \(count): expected a number above 0") }
        if days <= 0 { throw ValidationError("--days \(days): expected a number above 0") }
    }

    func run() async throws {
        var records = try await MadeUpRecords(source)
        let store = try records.open(file)
        let begin = Date(timeIntervalSinceNow: -days * 86_400)
        try await records.recordPolicy(at: begin, in: store)
        let start = ContinuousClock.now
        for index in 0..<count {
            let time = begin.addingTimeInterval(days * 86_400 * Double(index) / Double(count))
            let receipt = store.take(records.next(at: time))
            if index % Self.batch == Self.batch - 1 || index == count - 1 { try await receipt.durable() }
        }
        try store.close()
        let seconds = start.duration(to: .now) / .seconds(1)
        print("\(count) decisions in \(Int(seconds.rounded())) s")
    }
}
