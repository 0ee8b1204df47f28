public import Foundation

/// A signed statement of where the chain of a store ended at some time.
///
/// It is one line of text, which may be published elsewhere: who holds it can tell when records up to its place were changed,
/// removed or written anew, whatever became of the store. The signature covers every character before ` signature=`.
public struct Checkpoint: Sendable, Hashable {
    /// The whole statement.
    public let line: String
    /// Its place among the checkpoints of the store, from 1.
    public let number: Int
    /// Id of the store.
    public let store: String
    /// How many records the chain had.
    public let sequence: Int
    /// Hash of the last of them.
    public let hash: String
    /// When it was signed.
    public let time: Date
    /// How many acts there were, and the hash of the last; nil when there were none.
    let acts: ChainEnd?
    /// How many labels there were, and the hash of the last; nil when there were none.
    let labels: ChainEnd?
    /// Who says that they signed.
    public let key: AuditPublicKey

    private let signature: String

    private static let name = "gatehouse-checkpoint-1"

    /// Reads a line; blanks and line breaks that a mail put into it don't matter.
    ///
    /// Says nothing about the signature.
    ///
    /// - Throws: ``AuditError/badCheckpoint``.
    public init(line: String) throws(AuditError) {
        let words = line.split(whereSeparator: \.isWhitespace)
        var fields: [Substring: String] = [:]
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, fields.updateValue(String(parts[1]), forKey: parts[0]) == nil else {
                throw .badCheckpoint
            }
        }
        guard words.first == Self.name[...], words.last?.hasPrefix("signature=") == true,
            let store = fields["store"], let number = fields["number"].flatMap({ Int($0) }),
            let sequence = fields["sequence"].flatMap({ Int($0) }), sequence >= 0, let hash = fields["hash"],
            let time = fields["time"].flatMap(AuditTime.date), let key = fields["key"].flatMap(AuditPublicKey.init),
            let signature = fields["signature"]
        else { throw .badCheckpoint }
        acts = try fields["acts"].map(Self.readEnd)
        labels = try fields["labels"].map(Self.readEnd)
        self.line = words.joined(separator: " ")
        (self.number, self.store, self.sequence, self.hash) = (number, store, sequence, hash)
        (self.time, self.key, self.signature) = (time, key, signature)
    }

    /// Signs the end of a chain, and those of the acts and the labels, which are at 0 when there are none.
    init(
        number: Int,
        store: String,
        end: ChainEnd,
        acts: ChainEnd,
        labels: ChainEnd = ChainHash.start,
        time: Date,
        key: AuditSigningKey
    ) throws {
        let done = acts.sequence == 0 ? "" : " acts=\(acts.sequence):\(acts.hash)"
        let said = labels.sequence == 0 ? "" : " labels=\(labels.sequence):\(labels.hash)"
        let text = """
            \(Self.name) store=\(store) number=\(number) sequence=\(end.sequence) hash=\(end.hash)\(done)\(said) \
            time=\(AuditTime.full(time)) key=\(key.publicKey)
            """
        try self.init(line: "\(text) signature=\(key.signature(of: text))")
    }

    private static func readEnd(_ text: String) throws(AuditError) -> ChainEnd {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let number = Int64(parts[0]), number > 0 else { throw .badCheckpoint }
        return ChainEnd(sequence: number, hash: String(parts[1]))
    }

    /// Whether the line is as the holder of its key signed it.
    public var isSignedRightly: Bool {
        guard let end = line.range(of: " signature=", options: .backwards) else { return false }
        return key.accepts(signature, of: String(line[..<end.lowerBound]))
    }
}

/// Who signs checkpoints, and how often.
public struct AuditSealing: Sendable {
    /// Records between two checkpoints unless something else is said.
    public static let defaultInterval = 1000

    /// Who signs.
    public let key: AuditSigningKey
    /// Most records that a running gateway leaves without a checkpoint, apart from those of one transaction; above 0.
    public let interval: Int

    /// Creates a choice.
    public init(key: AuditSigningKey, interval: Int = defaultInterval) {
        precondition(interval > 0, "\(interval) records between two checkpoints; expected 1 or more")
        self.key = key
        self.interval = interval
    }
}
