import Gemma
import Moderation

/// Reads the examples of rules, each rule's once, and before the first of them some ordinary texts.
final class ExampleReader: Sendable {
    private let engine: Engine
    private let encoder: PromptEncoder
    private let topic: [TokenID]
    private let spaces = MadeOnce<[String], OrdinarySpace>(byteLimit: .max)
    private let likenesses: MadeOnce<Comparison, Likeness>

    /// Tokens that are read in one pass, so that others get their turn in between; a longer example has one of its own.
    private static let passTokens = 256

    /// - Parameter byteLimit: bytes that the examples' states may take together.
    init(engine: Engine, encoder: PromptEncoder, byteLimit: Int) {
        self.engine = engine
        self.encoder = encoder
        topic = encoder.topic()
        likenesses = MadeOnce(byteLimit: byteLimit)
    }

    /// What texts are to be compared with, one for each comparison, in order.
    ///
    /// - Throws: what the engine throws, and ``ShieldError/notANumber``.
    func likenesses(of comparisons: [Comparison]) async throws -> [Likeness] {
        var found: [Likeness] = []
        for comparison in comparisons { found.append(try await likeness(of: comparison)) }
        return found
    }

    private func likeness(of comparison: Comparison) async throws -> Likeness {
        let texts = comparison.positive + comparison.negative
        let hiddenSize = engine.model.configuration.hiddenSize
        let bytes = texts.reduce(0) { $0 + $1.utf8.count + hiddenSize * MemoryLayout<Float>.stride }
        return try await likenesses.value(of: comparison, bytes: bytes) { [self] in
            let space = try await spaces.value(of: OrdinaryTexts.all, bytes: 0) { [self] in
                OrdinarySpace(states: try await states(of: OrdinaryTexts.all))
            }
            return Likeness(
                positive: try await states(of: comparison.positive),
                negative: try await states(of: comparison.negative),
                in: space
            )
        }
    }

    /// The states of texts as prompts without anything before them; several for a text that takes several windows.
    private func states(of texts: [String]) async throws -> [[Float]] {
        var states: [[Float]] = []
        var pass: [Segment] = []
        for segment in texts.flatMap(segments) {
            let rows = pass.reduce(segment.tokens.count) { $0 + $1.tokens.count }
            if rows > Self.passTokens, !pass.isEmpty {
                states += try await engine.forward(pass, admission: .more)
                pass = []
            }
            pass.append(segment)
        }
        states += try await engine.forward(pass, admission: .more)
        guard states.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw ShieldError.notANumber }
        return states
    }

    private func segments(of text: String) -> [Segment] {
        let tokens = encoder.tokens(of: text)
        let (window, overlap) = (encoder.template.windowTokens, encoder.template.longTextWindows.first?.overlap ?? 0)
        return TextWindows.ranges(count: tokens.count, window: window, overlap: overlap).map { range in
            let content = encoder.prefix(text: Array(tokens[range]), prompt: nil)
            return Segment(tokens: content + topic, logits: .state)
        }
    }
}
