/// Why generation ended.
public enum FinishReason: Sendable, Equatable {
    /// The model ended its text or its turn, or a stop string came.
    case stop
    /// ``GenerationOptions/maxTokens`` or the model's context was reached.
    case length
}

/// A piece of generated text.
public struct GeneratedPiece: Sendable, Equatable {
    /// Whole characters; empty only in the last piece.
    public var text: String
    /// Tokens generated so far, all pieces together.
    public var tokens: Int
    /// Set in the last piece only.
    public var finish: FinishReason?
}

extension Engine {
    /// Generates a continuation of `prompt`, lazily: a token is computed when the next piece is asked for, as one
    /// request, so that others run with it or in between and a slow reader costs nothing.
    ///
    /// - Parameter prompt: tokens, control tokens included; at least one.
    /// - Returns: pieces of text; iterating throws what ``forward(_:admission:)`` throws, and
    ///   ``GemmaError/invalidSampling(found:expected:)``.
    public func generate(_ prompt: [TokenID], options: GenerationOptions = GenerationOptions()) -> GeneratedText {
        GeneratedText(engine: self, prompt: prompt, options: options)
    }
}

/// Text that an engine generates while it is iterated; every iteration generates anew.
public struct GeneratedText: AsyncSequence, Sendable {
    /// A piece of text.
    public typealias Element = GeneratedPiece
    /// ``GemmaError`` in practice.
    public typealias Failure = any Error

    let engine: Engine
    let prompt: [TokenID]
    let options: GenerationOptions

    /// Begins a generation.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(engine: engine, prompt: prompt, options: options)
    }

    /// One generation.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let engine: Engine
        private let options: GenerationOptions
        private let cache: KVCache
        /// Tokens that the cache does not hold yet.
        private var pending: [TokenID]
        private var sampler: Sampler
        private var decoder: StreamingDecoder
        private var gate: StopGate
        private var generated = 0
        private var isFinished = false

        init(engine: Engine, prompt: [TokenID], options: GenerationOptions) {
            self.engine = engine
            self.options = options
            cache = engine.model.makeCache()
            pending = prompt
            sampler = Sampler(options)
            decoder = StreamingDecoder(engine.model.tokenizer)
            gate = StopGate(options.stopStrings)
        }

        /// The next piece that has text, or the last one; nil after that.
        public mutating func next() async throws -> GeneratedPiece? {
            guard !isFinished else { return nil }
            try options.check()
            while true {
                let token = try await computeToken()
                generated += 1
                if token == engine.model.tokenizer.endID || token == engine.model.tokenizer.endOfTurnID {
                    return finish(gate.append(decoder.finish()), .stop)
                }
                let text = gate.append(decoder.append(token))
                if gate.isStopped { return finish(text, .stop) }
                pending = [token]
                if generated == options.maxTokens || cache.count >= engine.model.configuration.contextLength {
                    return finish(text + gate.append(decoder.finish()), .length)
                }
                if !text.isEmpty { return GeneratedPiece(text: text, tokens: generated, finish: nil) }
            }
        }

        /// Most prompt tokens in one request, so that others need not wait for a long prompt.
        private static let promptTokensPerPass = 256

        private mutating func computeToken() async throws -> TokenID {
            let limit = engine.model.configuration.contextLength
            guard cache.count + pending.count <= limit else {
                throw GemmaError.contextExceeded(tokens: cache.count + pending.count, limit: limit)
            }
            while pending.count > Self.promptTokensPerPass {
                let part = Array(pending.prefix(Self.promptTokensPerPass))
                _ = try await extendCache(part, logits: .none)
                pending.removeFirst(part.count)
            }
            return sampler.draw(try await extendCache(pending, logits: .all))
        }

        private func extendCache(_ tokens: [TokenID], logits: LogitRequest) async throws -> [Float] {
            let segment = Segment(cache: cache, tokens: tokens, extendsCache: true, logits: logits)
            // Only the first part of a text can be turned away.
            return try await engine.forward([segment], admission: cache.count == 0 ? .new : .more)[0]
        }

        private mutating func finish(_ text: String, _ reason: FinishReason) -> GeneratedPiece {
            isFinished = true
            return GeneratedPiece(text: text + gate.finish(), tokens: generated, finish: reason)
        }
    }
}
