import Kernels

extension GemmaModel {
    /// The logits of one row of the residual stream: final norm, output matrix, soft cap; or the row behind the norm.
    ///
    /// - Parameter hidden: `[hidden]`; normalised in place.
    func logits(ofHidden hidden: UnsafeMutablePointer<Float>, _ request: LogitRequest) -> [Float] {
        let count: Int
        switch request {
        case .none: return []
        case .rows(let ids): count = ids.count
        case .all: count = configuration.vocabularySize
        case .state: count = configuration.hiddenSize
        }
        let (columns, epsilon) = (configuration.hiddenSize, configuration.normEpsilon)
        rmsNorm(hidden, weight: outputNorm, epsilon: epsilon, rows: 1, columns: columns, into: hidden)
        if request == .state { return Array(UnsafeBufferPointer(start: hidden, count: count)) }
        return [Float](unsafeUninitializedCapacity: count) { logits, initialized in
            initialized = count
            guard let logits = logits.baseAddress, count > 0 else { return }
            if case .rows(let ids) = request {
                output.dots(hidden, rows: ids.map(Int.init), into: logits)
            } else {
                let block = 1024
                pool.parallelFor((count + block - 1) / block) { index in
                    let rows = Array(index * block..<min(count, (index + 1) * block))
                    output.dots(hidden, rows: rows, into: logits + index * block)
                }
            }
            if let cap = configuration.finalSoftCap { softCap(logits, cap: cap, count: count) }
        }
    }
}
