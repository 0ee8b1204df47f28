/// What the holder of a key may do; each may do what those before it may.
public enum AdminRole: String, Sendable, Codable, Hashable, CaseIterable, Comparable {
    /// Sees decisions, scores and counts, never a text that somebody wrote.
    case reader
    /// Also reads kept texts and says whether a decision was right.
    case reviewer
    /// Also signs, erases and deletes.
    case admin

    /// Whether the first may do less.
    public static func < (first: AdminRole, second: AdminRole) -> Bool { first.rank < second.rank }

    private var rank: Int {
        switch self {
        case .reader: 0
        case .reviewer: 1
        case .admin: 2
        }
    }
}
