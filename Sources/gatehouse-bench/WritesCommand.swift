import ArgumentParser
import Audit
import Foundation
import GatehouseApp
import Moderation

/// `gatehouse-bench writes`: how many decisions a second an audit file takes, each on disk before the next of its client.
///
/// Beside it, in the same run and on the same disk, how often the machine brings 4 KiB to disk.
struct WritesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "writes",
        abstract: "Measure how many decisions a second an audit file takes."
    )

    @Argument(help: "The audit file; records are added to one that is there.")
    var file: String
    @Option(help: "How long, in seconds.")
    var seconds = 10.0
    @Option(help: "How many clients record at a time.")
    var clients = 64
    @OptionGroup var source: MadeUpRecords.Options

    private struct Result: Encodable {
        var clients: Int
        var decisionsPerSecond: Double
        var transactionsPerSecond: Double
        var medianMs: Double
        var p99Ms: Double
        var syncsPerSecond: Double
        var records: Int
    }

    func validate() throws {
        if clients < 1 { throw ValidationError("--clients \(clients): expected a number above 0") }
    }

    func run() async throws {
        let records = try await MadeUpRecords(source)
        let store = try records.open(file)
        try await records.recordPolicy(at: Date(), in: store)
        let shared = RecordSource(records)
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let waits = try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<clients {
                group.addTask {
                    var waits: [Double] = []
                    while ContinuousClock.now < end {
                        let record = await shared.next()
                        let begin = ContinuousClock.now
                        try await store.record(record)
                        waits.append(begin.duration(to: .now) / .milliseconds(1))
                    }
                    return waits
                }
            }
            return try await group.reduce(into: [Double]()) { $0 += $1 }.sorted()
        }
        let taken = start.duration(to: .now) / .seconds(1)
        let counts = store.counts
        try store.close()
        let result = Result(
            clients: clients,
            decisionsPerSecond: Double(waits.count) / taken,
            transactionsPerSecond: Double(counts.transactions) / taken,
            medianMs: waits[waits.count / 2],
            p99Ms: waits[waits.count * 99 / 100],
            syncsPerSecond: try syncs(),
            records: waits.count
        )
        print(try JSONOutput.string(result), terminator: "")
    }

    /// How often a second a 4 KiB piece that is added to a file is brought to disk.
    private func syncs() throws -> Double {
        let path = file + ".sync"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
        defer {
            close(descriptor)
            unlink(path)
        }
        let piece = [UInt8](repeating: 1, count: 4096)
        let start = ContinuousClock.now
        var count = 0.0
        while start.duration(to: .now) < .seconds(2) {
            guard write(descriptor, piece, piece.count) == piece.count, fdatasync(descriptor) == 0 else {
                throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO)
            }
            count += 1
        }
        return count / (start.duration(to: .now) / .seconds(1))
    }
}

/// Gives records to many clients.
private actor RecordSource {
    private var records: MadeUpRecords

    init(_ records: MadeUpRecords) { self.records = records }

    func next() -> AuditRecord { records.next(at: Date()) }
}
