/// Finds what somebody may have meant.
package enum Suggestion {
    /// The candidate nearest to a word, when it is near enough to be a slip of the finger.
    package static func nearest(to word: String, in candidates: [String]) -> String? {
        let word = word.lowercased().replacing("-", with: "_")
        let rated = candidates.map { candidate in
            (candidate, distance(Array(word), Array(candidate.lowercased().replacing("-", with: "_"))))
        }
        guard let best = rated.min(by: { $0.1 < $1.1 }), best.1 <= max(1, min(word.count, best.0.count) / 3) else {
            return nil
        }
        return best.0
    }

    /// Most candidates that a help line lists.
    private static let mostListed = 60

    /// A help line: the nearest candidate, or all of them.
    static func help(for word: String, in candidates: [String]) -> String {
        if let nearest = nearest(to: word, in: candidates) { return "did you mean '\(nearest)'?" }
        let rest = candidates.count - mostListed
        let listed = candidates.prefix(mostListed).joined(separator: ", ")
        return "use one of: \(listed)" + (rest > 0 ? " and \(rest) more" : "")
    }

    /// Edit distance with neighbouring letters swapped counted once (optimal string alignment).
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        // A word much longer than every key is no slip.
        guard abs(a.count - b.count) <= 8 else { return Int.max }
        var twoBack = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + [Int](repeating: 0, count: b.count)
            for j in 1...b.count {
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], twoBack[j - 2] + 1) }
            }
            (twoBack, last) = (last, row)
        }
        return last[b.count]
    }
}
