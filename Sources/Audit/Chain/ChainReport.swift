public import Foundation

/// What a walk along the hash chain found.
public struct ChainReport: Sendable, Codable, Hashable {
    /// A checkpoint that agrees with the chain.
    public struct Seal: Sendable, Codable, Hashable {
        /// How many records it covers.
        public var sequence: Int
        /// When it was signed.
        public var time: Date
        /// Who signed: the public key in base64.
        public var key: String

        init(_ checkpoint: Checkpoint) {
            sequence = checkpoint.sequence
            time = checkpoint.time
            key = checkpoint.key.description
        }
    }

    /// How many records before these were deleted with `audit prune`.
    public var pruned: Int
    /// How many records were walked and found as they were written.
    public var records: Int
    /// Hash of the last good record: 64 hexadecimal digits, all zero when there is none.
    public var head: String
    /// The first record that is not as it was written, or else the first checkpoint; nil when all are.
    public var fault: ChainFault?
    /// How many signed checkpoints agree with the chain.
    public var checkpoints: Int
    /// The last of them; nil when there is none.
    public var seal: Seal?

    /// How many acts of people the store knows, such as erasures.
    public var acts: Int
    /// How many of them no checkpoint covers yet.
    public var unsealedActs: Int
    /// How many kept texts they erased.
    public var erasedTexts: Int
    /// How many kept texts could not be compared with what the chain says of them, since the key that they are encrypted with was
    /// not at hand.
    public var lockedTexts: Int
    /// Ids of those keys, in order.
    public var missingKeys: [String]
    /// How many labels the store keeps, those of deleted records too.
    public var labels: Int
    /// How many of them no checkpoint covers yet.
    public var unsealedLabels: Int
    /// Records after the last checkpoint: of these the chain shows that each follows the one before, not who wrote them.
    public var unsealed: Int

    /// Where the gateway's clock was set back; nil where it was not.
    public var clockSetback: ClockSetback?

    /// What was found of each chain, in order of number, where a store may have several; empty for a file.
    public var chains: [ChainReport] = []

    /// Creates a report.
    public init(
        records: Int,
        head: String,
        fault: ChainFault? = nil,
        checkpoints: Int = 0,
        seal: Seal? = nil,
        acts: Int = 0,
        unsealedActs: Int = 0,
        erasedTexts: Int = 0,
        pruned: Int = 0,
        lockedTexts: Int = 0,
        missingKeys: [String] = [],
        labels: Int = 0,
        unsealedLabels: Int = 0,
        clockSetback: ClockSetback? = nil
    ) {
        self.clockSetback = clockSetback
        self.labels = labels
        self.unsealedLabels = unsealedLabels
        self.lockedTexts = lockedTexts
        self.missingKeys = missingKeys
        self.records = records
        self.head = head
        self.fault = fault
        self.checkpoints = checkpoints
        self.seal = seal
        self.acts = acts
        self.unsealedActs = unsealedActs
        self.pruned = pruned
        self.erasedTexts = erasedTexts
        unsealed = pruned + records - (seal?.sequence ?? pruned)
    }
}

extension ChainReport {
    /// What was found of a store as a whole.
    ///
    /// The head of several chains is the SHA-256 of their heads, one after the other.
    init(_ chains: [ChainReport]) {
        func sum(_ count: KeyPath<ChainReport, Int>) -> Int { chains.reduce(0) { $0 + $1[keyPath: count] } }
        let heads = chains.map(\.head)
        self.init(
            records: sum(\.records),
            head: heads.count > 1 ? ContentKeeper.digest(heads.joined()) : heads.first ?? ChainHash.genesis,
            fault: chains.lazy.compactMap(\.fault).first,
            checkpoints: sum(\.checkpoints),
            seal: chains.count > 1 ? nil : chains.first?.seal,
            acts: sum(\.acts),
            unsealedActs: sum(\.unsealedActs),
            erasedTexts: sum(\.erasedTexts),
            pruned: sum(\.pruned),
            lockedTexts: sum(\.lockedTexts),
            missingKeys: Set(chains.flatMap(\.missingKeys)).sorted(),
            labels: sum(\.labels),
            unsealedLabels: sum(\.unsealedLabels),
            clockSetback: ClockSetback.joined(chains.compactMap(\.clockSetback))
        )
        unsealed = sum(\.unsealed)
        if chains.count > 1 { self.chains = chains }
    }
}

/// The first place where a chain is broken.
public struct ChainFault: Sendable, Codable, Hashable, CustomStringConvertible {
    /// What is wrong there.
    public enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
        /// The record does not match its hash: something in it was changed.
        case altered
        /// The record carries another hash than its predecessor's.
        case unlinked
        /// The record is gone.
        case missing
        /// The record was written at another place.
        case moved
        /// The record was put between others, or after the last, by somebody else than the gateway.
        case inserted
        /// The chain fits in itself, and is another than the one that a checkpoint was signed for.
        case rewritten
        /// A checkpoint was signed for more records than there are.
        case cut
        /// A checkpoint is not as it was signed.
        case checkpointAltered = "checkpoint_altered"
        /// A checkpoint is signed with none of the keys that the auditor knows.
        case checkpointUntrusted = "checkpoint_untrusted"
        /// A checkpoint was signed for another store.
        case checkpointForeign = "checkpoint_foreign"
        /// A checkpoint is gone.
        case checkpointMissing = "checkpoint_missing"
        /// An act, such as an erasure, is not as it was kept.
        case actAltered = "act_altered"
        /// An act is gone.
        case actMissing = "act_missing"
        /// What is there does not fit what an act says: another number of texts is marked as erased by it, or no checkpoint is where
        /// records were deleted to.
        case actUnfit = "act_unfit"
        /// A label is not as it was given.
        case labelAltered = "label_altered"
        /// A label is gone.
        case labelMissing = "label_missing"
    }

    /// Place in the chain, from 1; of a checkpoint, how many records it covers; of an act or a label, its number.
    public var sequence: Int
    /// Id of the record; nil when it is gone, and for checkpoints, acts and labels.
    public var id: String?
    /// What is wrong.
    public var kind: Kind
    /// Number of its chain, where a store has several; nil in a file.
    public var chain: Int?
    /// Where a record that was moved was written; else the last of several records that it is wrong with.
    public var other: Int?

    /// Creates a fault.
    public init(sequence: Int, id: String?, kind: Kind, other: Int? = nil) {
        self.sequence = sequence
        self.id = id
        self.kind = kind
        self.other = other
    }

    /// One line that names the record.
    public var description: String {
        let text = words
        return chain.map { "chain \($0): \(text)" } ?? text
    }

    private var words: String {
        let name = id.map { "record \(sequence) (\($0))" } ?? "record \(sequence)"
        let more = other.map { $0 > sequence ? ", and so are those up to \($0)" : "" } ?? ""
        let checkpoint = "the checkpoint at record \(sequence)"
        return switch kind {
        case .altered: "\(name) is not as it was written"
        case .unlinked: "\(name) does not follow the record before it"
        case .missing: "\(name) is missing\(more)"
        case .moved: "\(name) was moved here: it was written as record \(other ?? sequence)"
        case .inserted: "\(name) is inserted\(more): the gateway did not write it there"
        case .rewritten:
            "\(name) or one up to \(other ?? sequence) is written anew with fitting hashes: a checkpoint was signed for others"
        case .cut: "\(name) is missing at the end\(more): a checkpoint was signed for more records"
        case .checkpointAltered: "\(checkpoint) is not as it was signed"
        case .checkpointUntrusted: "\(checkpoint) is signed with a key that is none of those given"
        case .checkpointForeign: "\(checkpoint) was signed for another store"
        case .checkpointMissing: "the checkpoint before the one at record \(sequence) is missing"
        case .actAltered: "act \(sequence) is not as it was kept"
        case .actMissing: "act \(sequence) is missing"
        case .labelAltered: "label \(sequence) is not as it was given"
        case .labelMissing: "label \(sequence) is missing"
        case .actUnfit:
            "act \(sequence) says another thing than is found: of texts erased by it, or of where it deleted to"
        }
    }
}

/// Walks a chain record by record.
struct ChainWalk {
    private(set) var sequence: Int64
    private(set) var head: String
    /// How many texts could not be compared with their digests.
    private(set) var lockedTexts = 0
    /// Keys that they are encrypted with.
    private(set) var missingKeys: Set<String> = []
    private(set) var clock = ClockWalk()
    private let keys: AuditTextKeys

    /// Begins after a place: that before the first record, or the last one that was deleted.
    init(after start: ChainEnd, keys: AuditTextKeys) {
        (sequence, head) = (start.sequence, start.hash)
        self.keys = keys
    }

    /// Checks the next record in order of sequence; nil when it is as it was written.
    mutating func step(_ row: ChainedRecord) -> ChainFault? {
        let expected = sequence + 1
        func fault(_ kind: ChainFault.Kind) -> ChainFault {
            ChainFault(sequence: Int(row.sequence), id: row.record.id, kind: kind)
        }
        if row.sequence > expected {
            return ChainFault(sequence: Int(expected), id: nil, kind: .missing, other: Int(row.sequence - 1))
        }
        if row.sequence < expected { return fault(.inserted) }
        let hash = ChainHash.of(row.record, sequence: row.sequence, previous: row.previousHash)
        guard hash == row.hash else { return fault(.altered) }
        for text in row.record.integrity(by: keys) {
            switch text {
            case .intact: break
            case .altered: return fault(.altered)
            case .locked(let key):
                lockedTexts += 1
                missingKeys.insert(key)
            }
        }
        guard row.previousHash == head else { return fault(.unlinked) }
        clock.step(row)
        sequence = row.sequence
        head = row.hash
        return nil
    }

    /// Checks that the chain ends where the store says that it ended.
    func end(at lastSequence: Int64, hash: String) -> ChainFault? {
        if sequence < lastSequence {
            return ChainFault(sequence: Int(sequence) + 1, id: nil, kind: .missing, other: Int(lastSequence))
        }
        guard sequence == lastSequence, head == hash else {
            return ChainFault(sequence: Int(sequence), id: nil, kind: .unlinked)
        }
        return nil
    }
}

/// A stored record at its place in the chain.
package struct ChainedRecord: Sendable, Hashable {
    /// Its place in its chain, from 1.
    var sequence: Int64
    /// Number of its chain.
    var chain = 1
    /// Its place among all records of the store.
    var place: Int64
    var previousHash: String
    var hash: String
    var record: StoredRecord

    init(
        sequence: Int64,
        chain: Int = 1,
        place: Int64? = nil,
        previousHash: String,
        hash: String,
        record: StoredRecord
    ) {
        self.sequence = sequence
        self.chain = chain
        self.place = place ?? sequence
        self.previousHash = previousHash
        self.hash = hash
        self.record = record
    }
}

/// What is known of a kept text.
enum TextIntegrity: Sendable, Hashable {
    /// It is the one that the record was written with, or is said to be erased.
    case intact
    /// It is another.
    case altered
    /// It is encrypted with a key that is not at hand.
    case locked(String)
}

extension StoredRecord {
    /// What is known of each of the texts.
    func integrity(by keys: AuditTextKeys) -> [TextIntegrity] {
        content.enumerated().map { number, text in
            text.integrity(by: keys, at: TextPlace(record: id, number: number))
        }
    }
}

extension StoredContent {
    fileprivate func integrity(by keys: AuditTextKeys, at place: TextPlace) -> TextIntegrity {
        guard erased == nil else { return text == nil && textDigest != nil ? .intact : .altered }
        do {
            let digest = try opened(by: keys, at: place).map { Self.digest($0.text, salt: $0.salt) }
            return digest == textDigest ? .intact : .altered
        } catch .missingTextKey(let id) {
            return .locked(id)
        } catch {
            return .altered
        }
    }
}
