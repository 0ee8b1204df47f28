import Foundation

/// Draws the next token from logits.
package struct Sampler: Sendable {
    private let options: GenerationOptions
    private var random: SplitMix64

    package init(_ options: GenerationOptions) {
        self.options = options
        random = SplitMix64(state: options.seed)
    }

    /// - Parameter logits: one for each token of the vocabulary; at least one.
    package mutating func draw(_ logits: [Float]) -> TokenID {
        guard options.temperature > 0 else { return Self.likeliest(logits) }
        let candidates = candidates(logits)
        guard let best = candidates.first, logits[best].isFinite else { return Self.likeliest(logits) }
        let weights = candidates.map { exp(Double(logits[$0] - logits[best]) / Double(options.temperature)) }
        let limit = weights.reduce(0, +) * Double(options.topP)
        var kept = 0
        var sum = 0.0
        while kept < weights.count && (kept == 0 || sum < limit) {
            sum += weights[kept]
            kept += 1
        }
        var target = random.nextUnit() * sum
        for index in 0..<kept {
            target -= weights[index]
            if target < 0 { return TokenID(candidates[index]) }
        }
        return TokenID(candidates[kept - 1])
    }

    /// The tokens that may be drawn, likeliest first; equal ones by id.
    private func candidates(_ logits: [Float]) -> [Int] {
        func isBefore(_ a: Int, _ b: Int) -> Bool {
            logits[a] == logits[b] ? a < b : logits[a] > logits[b]
        }
        let usable = logits.indices.filter { !logits[$0].isNaN }
        guard options.topK > 0, options.topK < usable.count else { return usable.sorted(by: isBefore) }
        // Keep the best k so far, and drop the rest whenever there are 4 k: linear in the vocabulary.
        var best: [Int] = []
        var bar = -Float.infinity
        for token in usable where logits[token] >= bar {
            best.append(token)
            if best.count >= 4 * options.topK {
                best.sort(by: isBefore)
                best.removeLast(best.count - options.topK)
                bar = logits[best[options.topK - 1]]
            }
        }
        return Array(best.sorted(by: isBefore).prefix(options.topK))
    }

    private static func likeliest(_ logits: [Float]) -> TokenID {
        var best = 0
        for (token, logit) in logits.enumerated() where logit > logits[best] || logits[best].isNaN {
            best = token
        }
        return TokenID(best)
    }
}

/// Steele, Lea and Flood's SplitMix64 generator: small, seedable and the same everywhere.
private struct SplitMix64: Sendable {
    var state: UInt64

    /// A number in 0 ..< 1.
    mutating func nextUnit() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        return Double(z >> 11) * 0x1p-53
    }
}
