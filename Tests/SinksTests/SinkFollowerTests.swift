import Audit
import Foundation
import Logging
import Metrics
import MetricsTestKit
import Moderation
import ServiceLifecycle
import Sinks
import Synchronization
import Testing

@Suite("a follower of the store")
struct SinkFollowerTests {
    let folder: TemporaryFolder
    let recorded: RecordedStore
    let metrics = TestMetrics()

    init() throws {
        folder = try TemporaryFolder()
        recorded = try RecordedStore(folder)
    }

    /// Keeps what it gets in memory; fails as it is told.
    private final class MemorySink: Sink {
        struct Failure: Error {}

        let lines = Mutex<[String]>([])
        let mustFail = Mutex(false)

        var text: String { lines.withLock { $0.joined(separator: "\n") } }

        func deliver(_ records: [SinkRecord]) async throws {
            if mustFail.withLock({ $0 }) { throw Failure() }
            lines.withLock { $0 += records.map(\.json) }
        }

        func close() async {}
    }

    private func settings() -> SinkSettings {
        SinkSettings(name: "memory", target: .file(path: "unused", maxBytes: nil, keep: nil), batchRecords: 3)
    }

    private func follower(_ settings: SinkSettings, _ sink: MemorySink) throws -> SinkFollower {
        SinkFollower(
            settings,
            sink: sink,
            source: try SQLiteAuditReader(path: folder.file("audit.sqlite")),
            positions: try SQLiteSinkPositions(path: folder.file("audit.sqlite")),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            metrics: metrics,
            pace: .quick
        )
    }

    @Test("carries what comes after it was first there, and goes on there after a stop")
    func goesOn() async throws {
        try await recorded.record(4)
        let first = MemorySink()
        try await running(follower(settings(), first)) {
            let positions = try SQLiteSinkPositions(path: folder.file("audit.sqlite"))
            try await expectEventually { try await positions.position(of: "memory") != nil }
            try await recorded.record(5)
            try await expectEventually { ids(first.text).count == 5 }
        }
        #expect(ids(first.text) == Array(recorded.ids[4...]))
        // While it is away.
        try await recorded.record(7)
        let second = MemorySink()
        try await running(follower(settings(), second)) {
            try await expectEventually { ids(second.text).count == 7 }
        }
        #expect(ids(second.text) == Array(recorded.ids[9...]))
    }

    @Test("misses nothing of a store that was empty when it was first there")
    func emptyStore() async throws {
        let first = MemorySink()
        first.mustFail.withLock { $0 = true }
        try await running(follower(settings(), first)) {
            let positions = try SQLiteSinkPositions(path: folder.file("audit.sqlite"))
            try await expectEventually { try await positions.position(of: "memory") == .start }
        }
        try await recorded.record(2)
        let second = MemorySink()
        try await running(follower(settings(), second)) {
            try await expectEventually { ids(second.text) == recorded.ids }
        }
    }

    @Test("carries what is there already, and only some outcomes, where the settings say so")
    func choice() async throws {
        try await recorded.record(3)
        try await recorded.record(2, outcome: .block)
        try await recorded.record(3)
        var settings = settings()
        settings.beginsAtStart = true
        settings.results = [.block]
        let sink = MemorySink()
        try await running(follower(settings, sink)) {
            try await expectEventually { ids(sink.text) == Array(recorded.ids[3...4]) }
        }
    }

    @Test("hands over texts only where the settings say so", arguments: [false, true])
    func content(isWanted: Bool) async throws {
        try await recorded.record(1)
        var settings = settings()
        settings.beginsAtStart = true
        settings.hasContent = isWanted
        let sink = MemorySink()
        try await running(follower(settings, sink)) { try await expectEventually { !sink.text.isEmpty } }
        #expect(sink.text.contains("good morning") == isWanted)
    }

    @Test("counts what it delivered, what failed and what waits")
    func counting() async throws {
        let sink = MemorySink()
        sink.mustFail.withLock { $0 = true }
        var settings = settings()
        settings.beginsAtStart = true
        let labels = [("sink", "memory")]
        try await recorded.record(5)
        try await running(follower(settings, sink)) {
            let failures = try metrics.expectCounter("gatehouse_audit_sink_failures_total", labels)
            let lag = try metrics.expectMeter("gatehouse_audit_sink_lag_records", labels)
            try await expectEventually { failures.totalValue >= 2 && lag.lastValue == 5 }
            sink.mustFail.withLock { $0 = false }
            try await expectEventually { lag.lastValue == 0 }
        }
        #expect(try metrics.expectCounter("gatehouse_audit_sink_delivered_total", labels).totalValue == 5)
        #expect(ids(sink.text) == recorded.ids)
    }

    @Test("hands over what was recorded last before it stops")
    func farewell() async throws {
        let sink = MemorySink()
        var settings = settings()
        settings.beginsAtStart = true
        var pace = SinkPace.quick
        pace.poll = .seconds(3600)
        let follower = SinkFollower(
            settings,
            sink: sink,
            source: try SQLiteAuditReader(path: folder.file("audit.sqlite")),
            positions: try SQLiteSinkPositions(path: folder.file("audit.sqlite")),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            metrics: metrics,
            pace: pace
        )
        try await running(follower) {
            let positions = try SQLiteSinkPositions(path: folder.file("audit.sqlite"))
            try await expectEventually { try await positions.position(of: "memory") != nil }
            try await Task.sleep(for: .milliseconds(100))
            try await recorded.record(4)
        }
        #expect(ids(sink.text) == recorded.ids)
    }
}

extension SinkPace {
    /// For tests.
    static var quick: SinkPace {
        var pace = SinkPace()
        pace.poll = .milliseconds(5)
        pace.firstRetry = .milliseconds(5)
        pace.lastRetry = .milliseconds(40)
        pace.save = .milliseconds(20)
        return pace
    }
}

/// Runs a service while something is done, and stops it as a gateway stops.
func running(_ service: some Service, _ body: () async throws -> Void) async throws {
    let group = ServiceGroup(
        configuration: .init(
            services: [.init(service: service)],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    )
    async let run: Void = group.run()
    do {
        try await body()
    } catch {
        await group.triggerGracefulShutdown()
        throw error
    }
    await group.triggerGracefulShutdown()
    try await run
}
