/// What a text is about, as a direction: texts on one subject point the same way.
package struct Embedding: Sendable, Equatable {
    /// `[hidden]`, of length 1; all zeros for a text that lies where the mean of ordinary texts does.
    let values: [Float]

    /// Scales a vector to length 1.
    init(_ vector: [Float]) {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        values = length > 0 ? vector.map { $0 / length } : vector
    }

    /// The cosine of the angle between two texts, -1...1.
    func cosine(_ other: Embedding) -> Double {
        var sum: Float = 0
        for index in values.indices { sum += values[index] * other.values[index] }
        return Double(sum)
    }
}

/// Where ordinary texts lie in a model's space: what other texts are measured against.
///
/// A model's states all point roughly one way, and a few of their elements are far larger than the rest. What tells texts
/// apart shows once each element is taken less its mean and over its standard deviation.
package struct OrdinarySpace: Sendable {
    /// The ordinary texts themselves.
    let texts: [Embedding]
    private let mean: [Float]
    private let deviation: [Float]

    /// - Parameter states: of ordinary texts, `[hidden]` each; at least one.
    package init(states: [[Float]]) {
        precondition(!states.isEmpty, "a space needs at least one text")
        let count = Float(states.count)
        let mean = states[0].indices.map { index in states.reduce(0) { $0 + $1[index] } / count }
        let deviation = mean.indices.map { index in
            let variance = states.reduce(0) { $0 + ($1[index] - mean[index]) * ($1[index] - mean[index]) } / count
            // An element that never changes tells nothing; near zero it would drown the others.
            return max(variance.squareRoot(), 1e-6)
        }
        self.mean = mean
        self.deviation = deviation
        texts = states.map { Self.embedding(of: $0, mean, deviation) }
    }

    /// The direction of a text.
    package func embedding(of state: [Float]) -> Embedding {
        Self.embedding(of: state, mean, deviation)
    }

    private static func embedding(of state: [Float], _ mean: [Float], _ deviation: [Float]) -> Embedding {
        Embedding(state.indices.map { (state[$0] - mean[$0]) / deviation[$0] })
    }
}
