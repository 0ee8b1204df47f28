/// Checks the acts of a store, and that what is there fits what they say.
struct ActWalk {
    private let acts: [StoredAct]
    /// Numbers of those that erased.
    private let erasures: Set<Int64>
    /// How many texts each act erased, by its number, as found in the records.
    private var erased: [Int64: Int64] = [:]
    private let broken: ChainFault?

    /// - Parameters:
    ///   - acts: all that the store keeps, in order of number.
    ///   - checkpoints: those that are signed rightly.
    init(_ acts: [StoredAct], checkpoints: Set<Checkpoint>) {
        self.acts = acts
        erasures = Set(acts.filter { $0.kind == AuditAct.Kind.erase.rawValue }.map(\.number))
        broken = Self.flaw(acts) ?? checkpoints.lazy.compactMap { Self.flaw(acts, $0) }.first
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
            erasures.contains(act.number) && erased[act.number, default: 0] != act.texts
        }
        return unfit.map { ChainFault(sequence: Int($0.number), id: nil, kind: .actUnfit) }
    }
}
