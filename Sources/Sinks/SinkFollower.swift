public import Audit
public import CoreMetrics
import Foundation
public import Logging
public import ServiceLifecycle

/// Carries the records of a store to a sink: those after its position, in their order, each at least once.
///
/// The store is the queue: while the sink is down its position stays where it is, and nothing is lost as long as records are
/// not pruned. Nothing of it is on the way of a request.
public struct SinkFollower: Service {
    private let settings: SinkSettings
    private let sink: any Sink
    private let source: any AuditFollowing
    private let positions: any SinkPositions
    private let logger: Logger
    private let metrics: SinkMetrics
    private let pace: SinkPace

    /// Joins a sink to a store.
    public init(
        _ settings: SinkSettings,
        sink: any Sink,
        source: any AuditFollowing,
        positions: any SinkPositions,
        logger: Logger,
        metrics: any MetricsFactory,
        pace: SinkPace = SinkPace()
    ) {
        self.settings = settings
        self.sink = sink
        self.source = source
        self.positions = positions
        self.logger = logger
        self.metrics = SinkMetrics(settings.name, factory: metrics)
        self.pace = pace
    }

    /// Follows the store until the group stops, then hands over what is left, for a moment.
    public func run() async throws {
        if let reached = await cancelWhenGracefulShutdown({ await follow() }) {
            let place = await farewell(from: reached)
            try? await positions.save(place, of: settings.name)
        }
        await sink.close()
    }

    /// Follows the store until the task is cancelled.
    ///
    /// - Returns: the last record that was handed over; nil where even the beginning could not be found.
    private func follow() async -> AuditPosition? {
        guard var place = await retrying({ try await begin() }) else { return nil }
        var saved = (place: place, time: ContinuousClock.now)
        while !Task.isCancelled {
            guard let next = await retrying(after: place, { try await step(from: place) }) else { break }
            let isMoved = next != place
            place = next
            if place != saved.place, saved.time.duration(to: .now) >= pace.save {
                guard await retrying(after: place, { try await positions.save(place, of: settings.name) }) != nil else {
                    break
                }
                saved = (place, .now)
            }
            if !isMoved { try? await Task.sleep(for: pace.poll) }
        }
        return place
    }

    /// Where the sink goes on; kept, so that a sink that was there once misses nothing that came since.
    private func begin() async throws -> AuditPosition {
        if let place = try await positions.position(of: settings.name) { return place }
        let place = settings.beginsAtStart ? .start : try await source.position()
        try await positions.save(place, of: settings.name)
        return place
    }

    /// Hands over the next records.
    ///
    /// - Returns: the last of them, or the same place where there are none.
    private func step(from place: AuditPosition) async throws -> AuditPosition {
        var filter = AuditFilter()
        filter.results = settings.results
        let stretch = try await source.records(after: place, filter, limit: settings.batchRecords)
        if !stretch.entries.isEmpty {
            let records = try stretch.entries.map { try SinkRecord($0, hasContent: settings.hasContent) }
            try await sink.deliver(records)
            metrics.delivered(records.count)
        }
        // Fewer than asked for are all that there are.
        let isAtEnd = stretch.entries.count < settings.batchRecords
        metrics.lag(isAtEnd ? 0 : try await source.position().count(after: stretch.end))
        return stretch.end
    }

    private func farewell(from start: AuditPosition) async -> AuditPosition {
        var place = start
        let end = ContinuousClock.now + pace.farewell
        while ContinuousClock.now < end, let next = try? await step(from: place), next != place { place = next }
        return place
    }

    /// Tries until it succeeds; nil when the task is cancelled before.
    private func retrying<Value>(after place: AuditPosition? = nil, _ body: () async throws -> Value) async -> Value? {
        var failures = 0
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            do {
                return try await body()
            } catch {
                if Task.isCancelled { return nil }
                failures += 1
                metrics.failed()
                if let place, let end = try? await source.position() { metrics.lag(end.count(after: place)) }
                let wait = pace.wait(after: failures, using: &random)
                log(error, failures, wait)
                try? await Task.sleep(for: wait)
            }
        }
        return nil
    }

    /// Says the first failure of a row, and then ever more rarely.
    private func log(_ error: any Error, _ failures: Int, _ wait: Duration) {
        guard failures & (failures - 1) == 0 else { return }
        let reason = error is SinkError || error is AuditError ? "\(error)" : "\(type(of: error))"
        logger.warning(
            "a sink of the audit store failed; records wait in the store",
            metadata: [
                "sink": "\(settings.name)", "reason": "\(reason)", "failures": "\(failures)", "retry.after": "\(wait)",
            ]
        )
    }
}
