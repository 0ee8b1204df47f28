/// What an auditor knows of a store from elsewhere.
public struct ChainEvidence: Sendable {
    /// Who may have signed the store's checkpoints; empty where that is not known.
    public var keys: Set<AuditPublicKey>
    /// Checkpoints that were published.
    public var checkpoints: [Checkpoint]

    /// Creates evidence.
    public init(keys: Set<AuditPublicKey> = [], checkpoints: [Checkpoint] = []) {
        self.keys = keys
        self.checkpoints = checkpoints
    }
}

/// A checkpoint as a store keeps it, whatever became of it.
struct StoredCheckpoint: Sendable, Hashable {
    var number: Int
    var sequence: Int
    var line: String
}

/// Compares checkpoints with a chain while that is walked.
struct CheckpointWalk {
    /// Those that are signed rightly and not passed yet, the next one last.
    private var ahead: [Checkpoint]
    /// How many agreed with the chain.
    private(set) var count = 0
    /// The last that agreed.
    private(set) var last: Checkpoint?
    /// What is wrong with the checkpoints themselves.
    let fault: ChainFault?
    /// All that are signed rightly, in order of number.
    let sound: [Checkpoint]
    /// The last record that was deleted.
    private let start: ChainEnd

    /// - Parameters:
    ///   - kept: the checkpoints that a store keeps, in order of number.
    ///   - store: id of the store.
    ///   - start: the last record that was deleted; checkpoints before it have nothing to be compared with.
    ///   - evidence: what is known from elsewhere.
    init(_ kept: [StoredCheckpoint], store: String?, after start: ChainEnd, evidence: ChainEvidence) {
        var (faults, sound): ([ChainFault], [Checkpoint]) = ([], [])
        for (place, row) in kept.enumerated() {
            // Every number from 1 is there, so a checkpoint that is taken out leaves a gap.
            if row.number != place + 1, faults.isEmpty {
                faults.append(ChainFault(sequence: row.sequence, id: nil, kind: .checkpointMissing))
            }
            let checkpoint = try? Checkpoint(line: row.line)
            let isInPlace = checkpoint?.number == row.number && checkpoint?.sequence == row.sequence
            let kind = checkpoint.map { Self.flaw($0, store, evidence) } ?? .checkpointAltered
            if let kind = isInPlace ? kind : .checkpointAltered {
                faults.append(ChainFault(sequence: row.sequence, id: nil, kind: kind))
            } else if let checkpoint {
                sound.append(checkpoint)
            }
        }
        for checkpoint in evidence.checkpoints {
            if let kind = Self.flaw(checkpoint, store, evidence) {
                faults.append(ChainFault(sequence: checkpoint.sequence, id: nil, kind: kind))
            } else {
                sound.append(checkpoint)
            }
        }
        fault = faults.first
        self.start = start
        self.sound = Set(sound).sorted { ($0.number, $0.line) < ($1.number, $1.line) }
        ahead = self.sound.filter { $0.sequence >= start.sequence }.sorted {
            ($0.sequence, $0.number) > ($1.sequence, $1.number)
        }
    }

    private static func flaw(_ checkpoint: Checkpoint, _ store: String?, _ evidence: ChainEvidence) -> ChainFault.Kind?
    {
        guard checkpoint.isSignedRightly else { return .checkpointAltered }
        guard evidence.keys.isEmpty || evidence.keys.contains(checkpoint.key) else { return .checkpointUntrusted }
        return checkpoint.store == store ? nil : .checkpointForeign
    }

    /// Compares the record at a place, whose hash was found right, with the checkpoints that were signed there.
    mutating func step(at sequence: Int64, hash: String) -> ChainFault? {
        while let checkpoint = ahead.last, checkpoint.sequence <= sequence {
            guard checkpoint.sequence == sequence, checkpoint.hash == hash else {
                let first = min((last?.sequence ?? Int(start.sequence)) + 1, checkpoint.sequence)
                return ChainFault(sequence: first, id: nil, kind: .rewritten, other: checkpoint.sequence)
            }
            ahead.removeLast()
            last = checkpoint
            count += 1
        }
        return nil
    }

    /// Checks that no checkpoint knows of records after the last one.
    func end(at sequence: Int64) -> ChainFault? {
        guard let farthest = ahead.first else { return nil }
        return ChainFault(sequence: Int(sequence) + 1, id: nil, kind: .cut, other: farthest.sequence)
    }
}
