extension GemmaModel {
    /// Refuses segments that can't be run, before anything runs.
    ///
    /// - Throws: ``GemmaError/invalidSegment(found:expected:)``, ``GemmaError/tokenOutOfRange(id:vocabularySize:)`` or
    ///   ``GemmaError/contextExceeded(tokens:limit:)``.
    func check(_ segments: [Segment]) throws(GemmaError) {
        var extended: [ObjectIdentifier: Int] = [:]
        for segment in segments {
            guard !segment.tokens.isEmpty else {
                throw .invalidSegment(found: "no tokens", expected: "at least one token")
            }
            var ids = segment.tokens
            if case .rows(let rows) = segment.logits { ids += rows }
            if let id = ids.first(where: { $0 < 0 || Int($0) >= configuration.vocabularySize }) {
                throw .tokenOutOfRange(id: id, vocabularySize: configuration.vocabularySize)
            }
            let before = segment.cache.map { extended[ObjectIdentifier($0)] ?? $0.count } ?? 0
            let total = before + segment.tokens.count
            guard total <= configuration.contextLength else {
                throw .contextExceeded(tokens: total, limit: configuration.contextLength)
            }
            guard let cache = segment.cache else {
                guard !segment.extendsCache else {
                    throw .invalidSegment(found: "extendsCache without a cache", expected: "a cache to extend")
                }
                continue
            }
            guard cache.layerCount == configuration.layerCount, cache.width == configuration.keyValueWidth else {
                throw .invalidSegment(found: "a cache of another model", expected: "a cache made by this model")
            }
            if segment.extendsCache { extended[ObjectIdentifier(cache)] = total }
        }
    }
}
