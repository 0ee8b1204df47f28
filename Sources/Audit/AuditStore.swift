public import Foundation
public import Moderation

/// Keeps decisions.
///
/// `record` returns when the record is durable; records that are kept at the same time may share one write. Once called it
/// finishes whether or not the calling task is cancelled: a decision that was made is never dropped.
public protocol AuditStore: AuditSink, PolicyHistory {
    /// Answers questions about what is kept.
    var reader: any AuditReader { get }

    /// Keeps what people say of decisions, from within the gateway.
    var labels: any AuditLabels { get }

    /// Looks after the store from within the gateway.
    var upkeep: any AuditUpkeep { get }

    /// Keeps questions that people ask again, from within the gateway.
    var queries: any SavedQueryStore { get }

    /// How much was written so far.
    var counts: AuditWriteCounts { get }

    /// Waits for the records under way, signs a last checkpoint and closes the store; later calls fail.
    ///
    /// Blocks until it is closed. Closing is not required for safety.
    func close() throws(AuditError)
}

extension AuditStore {
    /// The newest policy events, newest first.
    public func policyEvents(limit: Int) async throws -> [PolicyEvent] { try await reader.policyEvents(limit: limit) }

    /// A policy that was kept, by its revision or a beginning of it that no other has.
    public func keptPolicy(_ revision: String) async throws -> KeptPolicy { try await reader.keptPolicy(revision) }
}

/// Answers an auditor's questions about what was decided.
///
/// May be used while another process records. Each question sees the records of one moment. All of them throw ``AuditError``, or
/// `CancellationError`.
public protocol AuditReader: BacktestReader, AuditFollowing {
    /// The records that pass a filter, the last recorded first.
    ///
    /// - Parameters:
    ///   - filter: which records.
    ///   - limit: how many at most; at least 1.
    ///   - cursor: where the page before this one ended; nil begins at the newest.
    func list(_ filter: AuditFilter, limit: Int, after cursor: AuditCursor?) async throws -> AuditPage

    /// How the store goes about a list, in its own words: the query, then one line for each step.
    func plan(_ filter: AuditFilter, limit: Int, after cursor: AuditCursor?) async throws -> String

    /// One record.
    ///
    /// - Parameter id: its id, or enough of the beginning of it to name one record only.
    /// - Throws: ``AuditError/badID(_:)``, ``AuditError/unknownID(_:)``, ``AuditError/ambiguousID(_:candidates:)``.
    func entry(_ id: String) async throws -> AuditEntry

    /// What else was decided in the same conversation, oldest first; of the same request where the record is of none.
    ///
    /// - Parameter reach: how many at most before the record, and after it.
    func neighbours(of entry: AuditEntry, reach: Int) async throws -> [AuditNeighbour]

    /// Counts of the records that pass a filter.
    func stats(_ filter: AuditFilter) async throws -> AuditStats

    /// The most frequent of something among the records that pass a filter, the most frequent first.
    ///
    /// - Parameter limit: how many at most.
    func top(_ key: TopKey, _ filter: AuditFilter, limit: Int) async throws -> AuditTop

    /// Walks the hash chain from the first record to the last, compares it with the checkpoints, and names the first record
    /// that is not as it was written.
    func verify(_ evidence: ChainEvidence) async throws -> ChainReport

    /// The decisions that a person should look at: flagged, redacted and borderline ones without a label, the nearest to a
    /// threshold first.
    ///
    /// - Parameters:
    ///   - margin: how far from a threshold a score is still borderline.
    ///   - limit: how many at most.
    func review(_ filter: AuditFilter, margin: Double, limit: Int) async throws -> [ReviewItem]

    /// What was said of a decision, oldest first.
    func labels(of entry: AuditEntry) async throws -> [AuditLabel]

    /// Gives every record that was labelled and passes a filter, in order of recording, with its labels and, for an answer, the
    /// prompt's record.
    func labelled(
        _ filter: AuditFilter,
        _ body: @escaping @Sendable (AuditEntry, _ prompt: AuditEntry?, [AuditLabel]) throws -> Void
    ) async throws

    /// How much an erasure would remove.
    func kept(of subject: ErasureSubject) async throws -> KeptOfSubject

    /// How many kept texts an encryption anew would change.
    ///
    /// - Throws: ``AuditError/noTextKey``.
    func rekeyable() async throws -> Int

    /// What a retention policy would do now.
    func forecast(_ policy: RetentionPolicy, now: Date) async throws -> RetentionForecast

    /// How many records a deletion would remove.
    func prunable(before time: Date) async throws -> Int

    /// What people did to the store, the newest first.
    ///
    /// - Parameters:
    ///   - filter: which acts.
    ///   - limit: how many at most; at least 1.
    ///   - position: where the page before this one ended; nil begins at the newest.
    func acts(_ filter: ActFilter, limit: Int, after position: AuditPosition?) async throws -> ActPage

    /// What was signed of the store, the newest first.
    ///
    /// - Parameter limit: how many at most.
    func checkpoints(limit: Int) async throws -> [Checkpoint]
}

extension AuditReader {
    /// The newest records that pass a filter.
    public func list(_ filter: AuditFilter = AuditFilter(), limit: Int = 50) async throws -> AuditPage {
        try await list(filter, limit: limit, after: nil)
    }

    /// The nearest decisions of the same conversation.
    public func neighbours(of entry: AuditEntry) async throws -> [AuditNeighbour] {
        try await neighbours(of: entry, reach: 3)
    }

    /// The rule that a decision came from, as its policy's files said it; nil where no rule decided, or the history doesn't have
    /// the policy.
    public func decidingRule(of entry: AuditEntry) async throws -> DecidingRule? {
        try await policy(of: entry).flatMap { DecidingRule(entry.decision, $0) }
    }

    /// The policy that a record was decided by; nil where the store doesn't have it.
    public func policy(of entry: AuditEntry) async throws -> KeptPolicy? {
        do {
            return try await keptPolicy(entry.decision.policyRevision)
        } catch AuditError.unknownPolicy {
            return nil
        }
    }

    /// Walks the hash chain without evidence from elsewhere.
    public func verify() async throws -> ChainReport { try await verify(ChainEvidence()) }
}

/// Gives recorded traffic to those who compare policies by it.
public protocol BacktestReader: PolicyHistoryReader {
    /// Every policy of the history by its revision; those that can't be read back are left out.
    func keptPolicies() async throws -> [String: PolicySet]

    /// The records at some places, in order of place; those that are gone are left out.
    func entries(at places: [Int64]) async throws -> [AuditEntry]

    /// The prompts that some answers belong to, by request.
    func prompts(of requests: Set<String>) async throws -> [String: AuditEntry]

    /// Looks up where the records of a span of time are, to read many of them.
    ///
    /// - Parameters:
    ///   - until: exclusive; nil for no end. Records that are written from now on are left out.
    ///   - hasScreenScores: whether screening scores are wanted, which makes it slower.
    func scan(since: Date?, until: Date?, hasScreenScores: Bool) async throws -> any RecordedScan

    /// The policy that was tried last, by its revision; nil when none was.
    func newestCandidate() async throws -> String?

    /// How the outcomes of a tried policy compare with what was done.
    func candidateCounts(of revision: String, since: Date?, until: Date?) async throws -> [CandidateCount]

    /// The decisions for which a tried policy would have done something else, in order of recording, each with its place.
    ///
    /// - Parameter body: given one decision after the other; none is kept.
    func candidateDifferences(
        of revision: String,
        since: Date?,
        until: Date?,
        _ body: @escaping @Sendable (Int64, Decision) -> Void
    ) async throws
}

/// Keeps what people say of decisions, beside records that stay as they are.
public protocol AuditLabels: Sendable {
    /// Adds a label; returns when it is durable.
    ///
    /// - Parameters:
    ///   - id: the decision's id, or a beginning of it that no other has.
    ///   - rule: the one rule that is meant, which must have been evaluated; nil for the decision as a whole.
    /// - Returns: the label, with the whole id.
    /// - Throws: ``AuditError``.
    func add(
        _ finding: AuditLabel.Finding,
        to id: String,
        rule: String?,
        note: String?,
        actor: String,
        time: Date
    ) async throws -> AuditLabel
}

extension AuditLabels {
    /// Adds a label of this moment.
    public func add(
        _ finding: AuditLabel.Finding,
        to id: String,
        rule: String? = nil,
        note: String? = nil,
        actor: String
    ) async throws -> AuditLabel {
        try await add(finding, to: id, rule: rule, note: note, actor: actor, time: Date())
    }
}

/// Looks after a store while a gateway may be writing it.
public protocol AuditUpkeep: Sendable {
    /// Signs where each chain of the store ends; gives a chain's newest checkpoint where nothing was recorded after it.
    func checkpoint(key: AuditSigningKey, now: Date) async throws -> [Checkpoint]

    /// Removes every kept text of a subject; the records, their digests and the chain stay.
    ///
    /// - Parameters:
    ///   - subject: whose texts.
    ///   - actor: who asked for it.
    ///   - key: signs a checkpoint that covers the act; nil leaves that to the gateway.
    ///   - now: the time of the acts.
    func erase(_ subject: ErasureSubject, by actor: String, key: AuditSigningKey?, now: Date) async throws
        -> UpkeepResult

    /// Encrypts every kept text that is not encrypted with the newest key; the records, their digests and the chain stay.
    ///
    /// - Parameters: as those of an erasure.
    /// - Throws: ``AuditError/noTextKey``, ``AuditError/missingTextKey(id:)``; what was encrypted before that is encrypted.
    func rekey(by actor: String, key: AuditSigningKey?, now: Date) async throws -> UpkeepResult

    /// Erases the texts and deletes the records that a policy doesn't keep any longer.
    ///
    /// - Parameters: as those of an erasure.
    /// - Throws: as a deletion.
    func retain(_ policy: RetentionPolicy, by actor: String, key: AuditSigningKey?, now: Date) async throws
        -> UpkeepResult

    /// Deletes the oldest records, whole stretches that end with a checkpoint and of which every record is older than a time.
    ///
    /// The checkpoints stay, and so do the hashes of each stretch's first and last record, so that the chain can still be walked
    /// from there. A stretch that is not as it was written stays too.
    ///
    /// - Parameters:
    ///   - time: records of this time or later stay.
    ///   - actor: who asked for it.
    ///   - key: signs a checkpoint that covers the act; nil leaves that to the gateway.
    ///   - now: the time of the acts.
    /// - Throws: ``AuditError/unsoundStretch(_:)``; what was deleted before that is deleted.
    func prune(before time: Date, by actor: String, key: AuditSigningKey?, now: Date) async throws -> UpkeepResult

    /// Keeps that somebody did something, such as reading kept texts; returns when that is durable.
    func keep(_ draft: AuditActDraft, now: Date) async throws -> AuditAct

    /// Proves that the store can be written, by writing.
    func probe() async throws
}

extension AuditUpkeep {
    /// Signs where each chain ends now.
    public func checkpoint(key: AuditSigningKey) async throws -> [Checkpoint] {
        try await checkpoint(key: key, now: Date())
    }

    /// Removes every kept text of a subject now.
    public func erase(_ subject: ErasureSubject, by actor: String, key: AuditSigningKey? = nil) async throws
        -> UpkeepResult
    { try await erase(subject, by: actor, key: key, now: Date()) }

    /// Keeps that somebody did something now.
    public func keep(_ draft: AuditActDraft) async throws -> AuditAct { try await keep(draft, now: Date()) }

    /// Encrypts every kept text with the newest key now.
    public func rekey(by actor: String, key: AuditSigningKey? = nil) async throws -> UpkeepResult {
        try await rekey(by: actor, key: key, now: Date())
    }

    /// Lets go what a policy doesn't keep any longer now.
    public func retain(_ policy: RetentionPolicy, by actor: String, key: AuditSigningKey?) async throws -> UpkeepResult
    {
        try await retain(policy, by: actor, key: key, now: Date())
    }

    /// Deletes the oldest records now.
    public func prune(before time: Date, by actor: String, key: AuditSigningKey? = nil) async throws -> UpkeepResult {
        try await prune(before: time, by: actor, key: key, now: Date())
    }
}
