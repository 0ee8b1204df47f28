public import Foundation

/// Something that a person did to a store: who, when, to what, and to how many.
///
/// Acts are kept in the store, in a chain of their own that signed checkpoints cover.
public struct AuditAct: Sendable, Codable, Hashable {
    /// What was done.
    public enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
        /// Kept texts were removed; their records stayed.
        case erase
        /// Kept texts were encrypted with another key.
        case rekey
        /// The oldest records were deleted.
        case prune
        /// Records were given out.
        case export
        /// Kept texts were read, or words looked for in them.
        case read
        /// A decision was called right or wrong.
        case label
        /// The chain was signed.
        case checkpoint
        /// Conditions were kept under a name, for all who use the store.
        case querySaved = "query_saved"
        /// A saved query was deleted.
        case queryDeleted = "query_deleted"
        /// Somebody was given a key of the admin API.
        case keyCreated = "key_created"
        /// Somebody's key was taken back.
        case keyRevoked = "key_revoked"
    }

    /// One record.
    public struct Place: Sendable, Codable, Hashable {
        /// Its place in the chain.
        public var sequence: Int
        /// Its hash.
        public var hash: String

        /// Creates a place.
        public init(sequence: Int, hash: String) {
            self.sequence = sequence
            self.hash = hash
        }
    }

    /// Its place among the acts, from 1.
    public var number: Int
    /// When.
    public var time: Date
    /// What was done.
    public var kind: Kind
    /// Who did it.
    public var actor: String
    /// What it was done to, such as `tenant:north`.
    public var subject: String
    /// How many records it was done to.
    public var records: Int
    /// How many kept texts it was done to.
    public var texts: Int
    /// The first of the records; at 0 where it was done to none.
    public var first: Place
    /// The last of the records.
    public var last: Place
}

/// One act in the very values that a store keeps; what its hash is taken of.
struct StoredAct: Sendable, Hashable {
    var number: Int64
    /// Microseconds since 1970.
    var time: Int64
    var kind: String
    var actor: String
    var subject: String
    var records: Int64
    var texts: Int64
    var first: ChainEnd
    var last: ChainEnd
    var previousHash: String
    var hash = ""
}

extension AuditAct {
    /// Reads a stored act back.
    ///
    /// - Throws: ``AuditError/unreadableRecord(id:)`` when a value is none that this program writes.
    init(_ stored: StoredAct) throws(AuditError) {
        guard let kind = Kind(rawValue: stored.kind) else { throw .unreadableRecord(id: "of act \(stored.number)") }
        self.init(
            number: Int(stored.number),
            time: Date(microseconds: stored.time),
            kind: kind,
            actor: stored.actor,
            subject: stored.subject,
            records: Int(stored.records),
            texts: Int(stored.texts),
            first: Place(sequence: Int(stored.first.sequence), hash: stored.first.hash),
            last: Place(sequence: Int(stored.last.sequence), hash: stored.last.hash)
        )
    }
}
