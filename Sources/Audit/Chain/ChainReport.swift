/// What a walk along the hash chain found.
public struct ChainReport: Sendable, Codable, Hashable {
    /// How many records were walked and found as they were written.
    public var records: Int
    /// Hash of the last good record: 64 hexadecimal digits, all zero when there is none.
    public var head: String
    /// The first record that is not as it was written; nil when all are.
    public var fault: ChainFault?

    /// Creates a report.
    public init(records: Int, head: String, fault: ChainFault? = nil) {
        self.records = records
        self.head = head
        self.fault = fault
    }
}

/// The first place where a chain is broken.
public struct ChainFault: Sendable, Codable, Hashable, CustomStringConvertible {
    /// What is wrong there.
    public enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
        /// The record does not match its hash: something in it was changed, or it was moved.
        case altered
        /// The record carries another hash than its predecessor's.
        case unlinked
        /// The record is gone.
        case missing
    }

    /// Place in the chain, from 1.
    public var sequence: Int
    /// Id of the record; nil when it is gone.
    public var id: String?
    /// What is wrong.
    public var kind: Kind

    /// Creates a fault.
    public init(sequence: Int, id: String?, kind: Kind) {
        self.sequence = sequence
        self.id = id
        self.kind = kind
    }

    /// One line that names the record.
    public var description: String {
        let name = id.map { "record \(sequence) (\($0))" } ?? "record \(sequence)"
        return switch kind {
        case .altered: "\(name) is not as it was written"
        case .unlinked: "\(name) does not follow the record before it"
        case .missing: "\(name) is missing"
        }
    }
}

/// Walks a chain record by record.
struct ChainWalk {
    private(set) var sequence: Int64 = 0
    private(set) var head = ChainHash.genesis

    /// Checks the next record in order of sequence; nil when it is as it was written.
    mutating func step(_ row: ChainedRecord) -> ChainFault? {
        let expected = sequence + 1
        func fault(_ kind: ChainFault.Kind) -> ChainFault {
            ChainFault(sequence: Int(row.sequence), id: row.record.id, kind: kind)
        }
        if row.sequence > expected { return ChainFault(sequence: Int(expected), id: nil, kind: .missing) }
        if row.sequence < expected { return fault(.altered) }
        let hash = ChainHash.of(row.record, sequence: row.sequence, previous: row.previousHash)
        guard hash == row.hash, row.record.content.allSatisfy(\.isIntact) else { return fault(.altered) }
        guard row.previousHash == head else { return fault(.unlinked) }
        sequence = row.sequence
        head = row.hash
        return nil
    }

    /// Checks that the chain ends where the store says that it ended.
    func end(at lastSequence: Int64, hash: String) -> ChainFault? {
        if sequence < lastSequence { return ChainFault(sequence: Int(sequence) + 1, id: nil, kind: .missing) }
        guard sequence == lastSequence, head == hash else {
            return ChainFault(sequence: Int(sequence), id: nil, kind: .unlinked)
        }
        return nil
    }
}

/// A stored record at its place in the chain.
struct ChainedRecord: Sendable, Hashable {
    var sequence: Int64
    var previousHash: String
    var hash: String
    var record: StoredRecord
}

extension StoredContent {
    /// Whether the kept text is the one that the record was written with.
    var isIntact: Bool { text.map(ContentKeeper.digest) == textDigest }
}
