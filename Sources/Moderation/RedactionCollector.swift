/// Gathers what several rules replace in the same parts into ordered changes without overlaps.
struct RedactionCollector {
    private var matches: [String: [Match]] = [:]
    private var order: [String] = []

    mutating func add(_ found: [Match], to pointer: String) {
        guard !found.isEmpty else { return }
        if matches[pointer] == nil { order.append(pointer) }
        matches[pointer, default: []] += found
    }

    var redactions: [Redaction] {
        order.map { Redaction(pointer: $0, matches: Self.merge(matches[$0] ?? [])) }
    }

    /// Overlapping matches become one stretch under the name of the one that begins first (the longer of two that begin alike).
    static func merge(_ matches: [Match]) -> [Match] {
        let sorted = matches.sorted {
            ($0.range.lowerBound, -$0.range.upperBound) < ($1.range.lowerBound, -$1.range.upperBound)
        }
        var out: [Match] = []
        for match in sorted {
            guard let last = out.last, match.range.lowerBound < last.range.upperBound else {
                out.append(match)
                continue
            }
            if match.range.upperBound > last.range.upperBound {
                out[out.count - 1].range = last.range.lowerBound..<match.range.upperBound
            }
        }
        return out
    }
}
