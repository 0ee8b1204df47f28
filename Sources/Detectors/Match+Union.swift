package import Moderation

extension [Match] {
    /// The matches in order of position; overlapping ones become one, under the name of the one that begins first (the
    /// longer of two that begin alike, the earlier in the list of two that are alike).
    ///
    /// Joining, rather than dropping, keeps every recognised byte covered, however many rules recognise it.
    package func union() -> [Match] {
        let order = enumerated().sorted {
            let (a, b) = ($0.element.range, $1.element.range)
            return (a.lowerBound, -a.upperBound, $0.offset) < (b.lowerBound, -b.upperBound, $1.offset)
        }
        var joined: [Match] = []
        for (_, match) in order {
            guard let last = joined.last, match.range.lowerBound < last.range.upperBound else {
                joined.append(match)
                continue
            }
            let end = Swift.max(last.range.upperBound, match.range.upperBound)
            joined[joined.count - 1].range = last.range.lowerBound..<end
        }
        return joined
    }
}
