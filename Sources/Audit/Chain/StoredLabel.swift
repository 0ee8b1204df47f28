/// What a person said of a decision, in the very values that a store keeps; what its hash is taken of.
struct StoredLabel: Sendable, Hashable {
    /// Its place among the labels, from 1.
    var number: Int64
    /// Place of the record.
    var record: Int64
    /// Id of the record.
    var decision: String
    var finding: String
    var rule: String?
    var note: String?
    /// SHA-256 of ``noteSalt`` and ``note``: the chain covers this, so that a note can be erased, as a text can.
    var noteDigest: String?
    var noteSalt: String?
    var actor: String
    /// Microseconds since 1970.
    var time: Int64
    /// Number of the act that removed the note; the chain doesn't cover it.
    var erased: Int64?
    var previousHash: String
    var hash = ""

    /// A label after the last one, with its hash.
    init(_ label: AuditLabel, record: Int64, after end: ChainEnd) {
        self.init(
            number: end.sequence + 1,
            record: record,
            decision: label.decision,
            finding: label.finding.rawValue,
            rule: label.rule,
            actor: label.actor,
            time: label.time.microseconds,
            previousHash: end.hash
        )
        if let note = label.note {
            let salt = StoredContent.salt()
            (self.note, noteSalt, noteDigest) = (note, salt, StoredContent.digest(note, salt: salt))
        }
        hash = ChainHash.of(self)
    }

    private init(
        number: Int64,
        record: Int64,
        decision: String,
        finding: String,
        rule: String?,
        actor: String,
        time: Int64,
        previousHash: String
    ) {
        self.number = number
        self.record = record
        self.decision = decision
        self.finding = finding
        self.rule = rule
        self.actor = actor
        self.time = time
        self.previousHash = previousHash
    }
}

/// Checks the labels of a store.
struct LabelWalk {
    /// The first label that is not as it was given.
    let fault: ChainFault?
    /// How many there are.
    let count: Int
    /// How many no checkpoint covers.
    let unsealed: Int

    /// - Parameters:
    ///   - labels: all that the store keeps, in order of number.
    ///   - acts: all of the store.
    ///   - checkpoints: those that are signed rightly.
    init(_ labels: [StoredLabel], acts: [StoredAct], checkpoints: [Checkpoint]) {
        count = labels.count
        unsealed = max(0, count - (checkpoints.compactMap { $0.labels.map { Int($0.sequence) } }.max() ?? 0))
        let erasing = [AuditAct.Kind.erase, .prune].map(\.rawValue)
        let erasures = Set(acts.filter { erasing.contains($0.kind) }.map(\.number))
        fault =
            Self.flaw(labels, erasures: erasures)
            ?? checkpoints.lazy.compactMap { Self.flaw(labels, $0) }.first
    }

    private static func flaw(_ labels: [StoredLabel], erasures: Set<Int64>) -> ChainFault? {
        var previous = ChainHash.genesis
        for (place, label) in labels.enumerated() {
            guard label.number == place + 1 else {
                return ChainFault(sequence: place + 1, id: nil, kind: .labelMissing)
            }
            let isErased = label.erased.map(erasures.contains) ?? false
            let digest = label.note.map { StoredContent.digest($0, salt: label.noteSalt) }
            let hasItsNote = digest == label.noteDigest || digest == nil && isErased
            guard hasItsNote, label.previousHash == previous, label.hash == ChainHash.of(label) else {
                return ChainFault(sequence: place + 1, id: nil, kind: .labelAltered)
            }
            previous = label.hash
        }
        return nil
    }

    private static func flaw(_ labels: [StoredLabel], _ checkpoint: Checkpoint) -> ChainFault? {
        guard let end = checkpoint.labels else { return nil }
        guard end.sequence <= labels.count else {
            return ChainFault(sequence: labels.count + 1, id: nil, kind: .labelMissing)
        }
        guard labels[Int(end.sequence) - 1].hash == end.hash else {
            return ChainFault(sequence: Int(end.sequence), id: nil, kind: .labelAltered)
        }
        return nil
    }
}
