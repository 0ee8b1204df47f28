/// Checks the acts of a store, and that what is there fits what they say.
struct ActWalk {
    private let acts: [StoredAct]
    /// Numbers of those that erased.
    private let erasures: Set<Int64>
    /// How many texts each act erased, by its number, as found in the records.
    private var erased: [Int64: Int64] = [:]
    /// The first act that is not as it was kept.
    private let broken: ChainFault?
    /// How many acts no checkpoint covers.
    let unsealed: Int
    /// The last record that was deleted.
    private let pruned: ChainEnd

    /// - Parameters:
    ///   - acts: all that the store keeps, in order of number.
    ///   - pruned: the last record that was deleted.
    ///   - checkpoints: those that are signed rightly.
    init(_ acts: [StoredAct], pruned: ChainEnd, checkpoints: [Checkpoint]) {
        self.acts = acts
        self.pruned = pruned
        unsealed = acts.count - (checkpoints.compactMap { $0.acts.map { Int($0.sequence) } }.max() ?? 0)
        erasures = Set(acts.filter { $0.kind == AuditAct.Kind.erase.rawValue }.map(\.number))
        broken =
            Self.flaw(acts) ?? Self.gap(acts, checkpoints)
            ?? checkpoints.lazy.compactMap { Self.flaw(acts, $0) }.first
    }

    private static func flaw(_ acts: [StoredAct]) -> ChainFault? {
        var previous = ChainHash.genesis
        for (place, act) in acts.enumerated() {
            guard act.number == place + 1 else { return ChainFault(sequence: place + 1, id: nil, kind: .actMissing) }
            guard act.previousHash == previous, act.hash == ChainHash.of(act) else {
                return ChainFault(sequence: place + 1, id: nil, kind: .actAltered)
            }
            previous = act.hash
        }
        return nil
    }

    /// The first act that deleted from another place than the one before had ended at, or to a place that nobody signed.
    private static func gap(_ acts: [StoredAct], _ checkpoints: [Checkpoint]) -> ChainFault? {
        let signed = Dictionary(checkpoints.map { ($0.sequence, $0.hash) }, uniquingKeysWith: { first, _ in first })
        var end: Int64 = 0
        for act in acts where act.kind == AuditAct.Kind.prune.rawValue {
            guard act.first.sequence == end + 1, signed[Int(act.last.sequence)] == act.last.hash else {
                return ChainFault(sequence: Int(act.number), id: nil, kind: .actUnfit)
            }
            end = act.last.sequence
        }
        return nil
    }

    private static func flaw(_ acts: [StoredAct], _ checkpoint: Checkpoint) -> ChainFault? {
        guard let end = checkpoint.acts else { return nil }
        guard end.sequence <= acts.count else {
            return ChainFault(sequence: acts.count + 1, id: nil, kind: .actMissing)
        }
        guard acts[Int(end.sequence) - 1].hash == end.hash else {
            return ChainFault(sequence: Int(end.sequence), id: nil, kind: .actAltered)
        }
        return nil
    }

    /// The first act that is not as it was kept, where acts say at which record the chain begins.
    var brokenStart: ChainFault? { pruned.sequence > 0 ? broken : nil }

    /// How many acts there are.
    var count: Int { acts.count }

    /// How many of the walked texts were erased.
    var erasedTexts: Int { Int(erased.values.reduce(0, +)) }

    /// Takes note of what was erased of a record; false when no act says so and none is missing.
    mutating func step(_ content: [StoredContent]) -> Bool {
        for number in content.compactMap(\.erased) {
            guard broken != nil || erasures.contains(number) else { return false }
            erased[number, default: 0] += 1
        }
        return true
    }

    /// What is wrong with the acts, after all records were walked.
    func end() -> ChainFault? {
        if let broken { return broken }
        let unfit = acts.first { act in
            guard erasures.contains(act.number) else { return false }
            let found = erased[act.number, default: 0]
            // Some of what it erased may be deleted since.
            return act.first.sequence <= pruned.sequence ? found > act.texts : found != act.texts
        }
        return unfit.map { ChainFault(sequence: Int($0.number), id: nil, kind: .actUnfit) }
    }
}
