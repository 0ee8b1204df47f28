import Foundation

/// Cosines and sines for rotary position embeddings, grown as positions are needed.
struct RotaryTable {
    /// `[positions, headSize]`: a row holds `headSize / 2` cosines, then as many sines.
    private(set) var values: [Float] = []
    private let frequencies: [Float]

    init(_ rotation: ModelConfiguration.Rotation, headSize: Int) {
        // In f32, in the order of the reference implementation: base^(-2i / head), divided by the linear factor.
        frequencies = (0..<headSize / 2).map { index in
            let power = Float(pow(Double(rotation.base), Double(Float(2 * index) / Float(headSize))))
            return 1 / power / rotation.divisor
        }
    }

    /// Makes rows for positions `0 ..< count`.
    mutating func grow(to count: Int) {
        let present = frequencies.isEmpty ? count : values.count / (2 * frequencies.count)
        guard count > present else { return }
        let target = max(count, 2 * present, 128)
        values.reserveCapacity(target * 2 * frequencies.count)
        for position in present..<target {
            let angles = frequencies.map { Double(Float(position) * $0) }
            values += angles.map { Float(cos($0)) }
            values += angles.map { Float(sin($0)) }
        }
    }
}
