public import Audit
import Moderation

/// Where records are carried to.
public protocol Sink: Sendable {
    /// Hands some records over, in the order of recording; returns when they are safe there.
    ///
    /// Called again with the same records when it throws, and perhaps after a restart when it did not.
    func deliver(_ records: [SinkRecord]) async throws

    /// Lets go of connections and files.
    func close() async
}

/// A record as sinks get it.
public struct SinkRecord: Sendable, Hashable {
    /// The decision's id: whoever gets a record twice knows it by this.
    public let id: String
    /// The record as one line of JSON, without the line feed.
    public let json: String

    /// Takes a record of the store.
    ///
    /// - Parameter hasContent: whether kept texts are in it.
    public init(_ entry: AuditEntry, hasContent: Bool) throws {
        id = entry.decision.id.description
        json = try AuditJSON.line(hasContent ? entry : entry.withoutContent)
    }
}
