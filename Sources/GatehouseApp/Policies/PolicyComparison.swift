import Audit
public import Foundation
import Moderation
public import PolicyFiles
import Synchronization

/// What a policy that is or was tried would have done, beside what was done.
public struct PolicyComparison: Sendable, Codable, Hashable {
    /// Digest of the tried policy's rules.
    public var candidate: String
    /// Earliest record, where that was asked for.
    public var since: Date?
    /// Records that both policies judged.
    public var records: Int
    /// Records among them in which the outcomes differ because a detector could not answer; not counted below.
    public var failures: Int
    /// What differs.
    public var changes: ChangeReport

    /// Compares by the records of the audit store that the settings name.
    ///
    /// - Parameters:
    ///   - revision: the tried policy; nil for the one that was tried last.
    ///   - since: earliest time, as words from the command line.
    ///   - examples: records that are shown for each way to differ.
    /// - Throws: `AuditError`, or ``PolicyComparisonError`` when no policy was tried.
    public init(settings: Settings, revision: String?, since: String?, until: String?, examples: Int) async throws {
        let reader = try settings.audit.reader()
        self.since = try since.map { text in try TimeExpression.date(text) }
        let (start, end) = (self.since, try until.map { text in try TimeExpression.date(text, edge: .end) })
        var candidate = try await reader.newestCandidate()
        if let revision { candidate = try await reader.keptPolicy(revision).policy.revision }
        guard let candidate else { throw PolicyComparisonError() }
        let counts = try await reader.candidateCounts(of: candidate, since: start, until: end)
        let tally = Mutex((changes: ChangeTally(placesLimit: examples), failures: 0))
        try await reader.candidateDifferences(of: candidate, since: start, until: end) { place, decision in
            tally.withLock { Self.add(decision, at: place, to: &$0) }
        }
        var (changes, failures) = tally.withLock { ($0.changes, $0.failures) }
        changes.addUnchanged(counts.filter { $0.live == $0.candidate }.reduce(0) { $0 + $1.count })
        self.candidate = candidate
        self.failures = failures
        records = counts.reduce(0) { $0 + $1.count }
        let shown = try await ShownRecords(changes, reader: reader)
        self.changes = ChangeReport(changes) { place, change in
            shown.example(at: place) { entry in
                let verdicts = change.to > change.from ? entry.decision.candidate?.verdicts : entry.decision.verdicts
                return verdicts?.first { $0.rule == change.rule }?.score
            }
        }
    }

    private static func add(
        _ decision: Decision,
        at place: Int64,
        to tally: inout (changes: ChangeTally, failures: Int)
    ) {
        guard let candidate = decision.candidate else { return }
        let failures: Set<Cause> = [.guardUnavailable, .overloaded]
        guard !failures.contains(candidate.cause), !failures.contains(decision.cause) else {
            tally.failures += 1
            return
        }
        let isStronger = candidate.outcome > decision.outcome
        let (verdicts, outcome) =
            isStronger ? (candidate.verdicts, candidate.outcome) : (decision.verdicts, decision.outcome)
        tally.changes.add(
            from: decision.outcome,
            to: candidate.outcome,
            rule: verdicts.first { $0.effective == outcome }?.rule,
            place: place
        )
    }

    /// For people.
    public var text: String {
        var head = "revision \(candidate.prefix(12)) beside the policy in force: \(records) records"
        if let since { head += " since \(since.formatted(.iso8601))" }
        if failures > 0 { head += ", \(failures) of them not compared because a detector could not answer" }
        return head + "\n\n" + changes.text { TerminalText.line($0, limit: 80) }
    }
}

/// No policy was tried yet.
public struct PolicyComparisonError: Error, Sendable, CustomStringConvertible {
    /// What to do.
    public let description =
        "no record says what a tried policy would have done; try one with 'policy try' and wait for traffic"
}

/// The records that are shown as examples.
struct ShownRecords {
    private var entries: [Int64: AuditEntry] = [:]

    init(_ tally: ChangeTally, reader: any BacktestReader) async throws {
        let places = Set(tally.places.values.joined()).sorted()
        for entry in try await reader.entries(at: places) { entries[entry.place] = entry }
    }

    /// - Parameter score: the score of the rule that makes the difference.
    func example(at place: Int64, score: (AuditEntry) -> Double?) -> ChangeReport.Example? {
        guard let entry = entries[place] else { return nil }
        let texts = entry.content.compactMap(\.text)
        return ChangeReport.Example(
            id: entry.decision.id.description,
            time: entry.decision.time,
            direction: entry.decision.direction,
            score: score(entry),
            text: texts.isEmpty ? nil : texts.joined(separator: " ")
        )
    }
}
