public import Foundation
public import Moderation

/// Another decision of the same conversation.
public struct AuditNeighbour: Sendable, Codable, Hashable {
    /// Its place in the chain.
    public var sequence: Int
    /// Its id.
    public var id: String
    /// When it was made.
    public var time: Date
    /// Which way the text travelled.
    public var direction: Direction
    /// What became of the exchange.
    public var result: AuditResult

    /// A record as a neighbour of others.
    public init(_ entry: AuditEntry) {
        sequence = entry.sequence
        id = entry.decision.id.description
        time = entry.decision.time
        direction = entry.decision.direction
        result = entry.result
    }

    init(sequence: Int, id: String, time: Date, direction: Direction, result: AuditResult) {
        self.sequence = sequence
        self.id = id
        self.time = time
        self.direction = direction
        self.result = result
    }
}
