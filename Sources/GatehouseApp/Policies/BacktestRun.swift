import Audit
import Foundation
import Moderation
import PolicyFiles

/// Decides recorded traffic again by another policy: from recorded scores as far as they go, then from kept texts.
public struct BacktestRun: Sendable {
    private let settings: Settings
    private let policy: PolicySet
    private let reader: any BacktestReader
    private let examples: Int

    /// Reads the policy that the settings name and opens the audit store.
    ///
    /// - Parameter examples: records that are shown for each way to change.
    /// - Throws: `PolicyFileError`, `AuditError`.
    public init(settings: Settings, examples: Int) throws {
        self.settings = settings
        self.examples = examples
        policy = try Judge.policy(settings)
        reader = try settings.audit.reader(keys: settings.auditTextKeys)
    }

    /// Decides the records of a span of time.
    ///
    /// - Parameters:
    ///   - since: earliest time, as words from the command line; nil for the first record.
    ///   - until: latest time.
    ///   - progress: told how many of the records that need their texts are done.
    /// - Throws: `AuditError`, ``ModelError``.
    public func run(
        since: String?,
        until: String?,
        progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void
    ) async throws -> BacktestReport {
        let begin = ContinuousClock.now
        let start = try since.map { text in try TimeExpression.date(text) }
        let end = try until.map { text in try TimeExpression.date(text, edge: .end) }
        let earlier = try await reader.keptPolicies()
        let scan = try await reader.scan(
            since: start,
            until: end,
            hasScreenScores: earlier.values.contains { $0.screen != policy.screen }
        )
        var backtest = Backtest(policy, after: earlier, examples: examples)
        for piece in try await read(scan, after: earlier) { backtest.merge(piece) }
        let records = backtest.tally.decided + backtest.open.count + backtest.empty
        var texts = BacktestTexts(
            settings: settings,
            policy: policy,
            reader: reader,
            earlier: earlier,
            examples: examples
        )
        try await texts.decide(backtest.open, progress: progress)
        backtest.merge(texts.backtest)

        let shown = try await ShownRecords(backtest.tally, reader: reader)
        let changes = ChangeReport(backtest.tally) { place, change in
            shown.example(at: place) { entry in entry.decision.verdicts.first { $0.rule == change.rule }?.score }
        }
        return BacktestReport(
            policy: policy.name,
            revision: policy.revision,
            since: start,
            records: records,
            fromRecords: backtest.tally.decided - texts.judged,
            fromTexts: texts.judged,
            fromMaskedTexts: texts.masked,
            undecided: texts.undecided,
            empty: backtest.empty + texts.empty,
            seconds: begin.duration(to: .now).milliseconds / 1000,
            changes: changes
        )
    }

    /// Reads two pieces at the same time, each on a thread and a connection of its own.
    private func read(_ scan: any RecordedScan, after earlier: [String: PolicySet]) async throws -> [Backtest] {
        try await withThrowingTaskGroup(of: (Int, Backtest).self) { group in
            for (index, piece) in scan.pieces(2).enumerated() {
                group.addTask {
                    let empty = Backtest(policy, after: earlier, examples: examples)
                    return (
                        index,
                        try await Self.onThread { () throws(AuditError) -> Backtest in
                            var backtest = empty
                            try scan.read(piece) { backtest.add($0, $1) }
                            return backtest
                        }
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// Does blocking work off the cooperative pool.
    private static func onThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try work() }) }.start()
        }
    }
}
