public import Moderation

/// Answers an auditor's questions about what was decided.
///
/// May be used while another process records.
public protocol AuditReader: Sendable {
    /// The records that pass a filter, the last recorded first.
    ///
    /// - Parameters:
    ///   - filter: which records.
    ///   - limit: how many at most; at least 1.
    ///   - cursor: where the page before this one ended; nil begins at the newest.
    /// - Throws: ``AuditError``, or `CancellationError`.
    func list(_ filter: AuditFilter, limit: Int, after cursor: AuditCursor?) async throws -> AuditPage

    /// One record.
    ///
    /// - Parameter id: its id, or enough of the beginning of it to name one record only.
    /// - Throws: ``AuditError/badID(_:)``, ``AuditError/unknownID(_:)``, ``AuditError/ambiguousID(_:candidates:)``.
    func entry(_ id: String) async throws -> AuditEntry

    /// Counts of the records that pass a filter.
    func stats(_ filter: AuditFilter) async throws -> AuditStats

    /// Walks the hash chain from the first record to the last, compares it with the checkpoints, and names the first record
    /// that is not as it was written.
    func verify(_ evidence: ChainEvidence) async throws -> ChainReport
}

extension AuditReader {
    /// The newest records that pass a filter.
    public func list(_ filter: AuditFilter = AuditFilter(), limit: Int = 50) async throws -> AuditPage {
        try await list(filter, limit: limit, after: nil)
    }

    /// Walks the hash chain without evidence from elsewhere.
    public func verify() async throws -> ChainReport { try await verify(ChainEvidence()) }
}

/// Keeps decisions and answers questions about them.
///
/// `record` returns when the record is durable; records that are kept at the same time may share one write. Once called it
/// finishes whether or not the calling task is cancelled: a decision that was made is never dropped.
public protocol AuditStore: AuditSink, AuditReader {}
