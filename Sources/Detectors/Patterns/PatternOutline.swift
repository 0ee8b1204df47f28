/// What a pattern is made of, as far as one must know to write texts for it.
///
/// Not a full reading of PCRE2's syntax: what it doesn't know it takes for nothing, which makes its texts worse, never wrong,
/// since they are only tried.
indirect enum PatternOutline {
    /// Matches nothing but a place.
    case empty
    /// One character that is matched.
    case character(Character)
    case sequence([PatternOutline])
    case choice([PatternOutline])
    /// What is repeated, how often at least, and whether often.
    case repetition(PatternOutline, atLeast: Int, isLong: Bool)

    /// A short text that is matched.
    var shortest: String {
        switch self {
        case .empty: ""
        case .character(let character): String(character)
        case .sequence(let parts): parts.map(\.shortest).joined()
        case .choice(let parts): parts.first?.shortest ?? ""
        case .repetition(let part, let least, _): String(repeating: part.shortest, count: min(least, 64))
        }
    }

    /// A text that is matched in which everything optional is there once.
    var fullest: String {
        switch self {
        case .empty: ""
        case .character(let character): String(character)
        case .sequence(let parts): parts.map(\.fullest).joined()
        case .choice(let parts): parts.last?.fullest ?? ""
        case .repetition(let part, let least, _): String(repeating: part.fullest, count: min(max(least, 1), 64))
        }
    }

    /// Every single character that is matched somewhere.
    var characters: [Character] {
        switch self {
        case .empty: []
        case .character(let character): [character]
        case .sequence(let parts), .choice(let parts): parts.flatMap(\.characters)
        case .repetition(let part, _, _): part.characters
        }
    }

    /// For each long repetition: a text that leads to it, and texts that keep it going.
    func pumps(after prefix: String = "") -> [(prefix: String, units: Set<String>)] {
        switch self {
        case .empty, .character: return []
        case .choice(let parts): return parts.flatMap { $0.pumps(after: prefix) }
        case .sequence(let parts):
            var prefix = prefix
            var pumps: [(String, Set<String>)] = []
            for part in parts {
                pumps += part.pumps(after: prefix)
                prefix += part.shortest
            }
            return pumps
        case .repetition(let part, _, let isLong):
            let units = Set([part.shortest, part.fullest] + part.characters.prefix(8).map { String($0) }).filter {
                !$0.isEmpty
            }
            return (isLong ? [(prefix, units)] : []) + part.pumps(after: prefix)
        }
    }
}
