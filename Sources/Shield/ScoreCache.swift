package import Gemma
import Synchronization

/// Scores that one model, adapter and template gave, so that no text is judged twice by one principle.
///
/// Keyed by the tokens that the model read, whole and in order: those of the content and those of the question. Bounded
/// in bytes; the content that was asked about longest ago goes first.
package final class ScoreCache: Sendable {
    private struct State {
        /// By content, and for each content by question.
        var scores: RecentlyUsed<[TokenID], [[TokenID]: Double]>
        var load = CacheLoad()
    }

    private let state: Mutex<State>

    /// - Parameter byteLimit: bytes that the entries may take together; 0 keeps nothing.
    package init(byteLimit: Int) {
        state = Mutex(State(scores: RecentlyUsed(byteLimit: byteLimit)))
    }

    /// Scores looked for and found, and what is kept.
    package var load: CacheLoad {
        state.withLock { state in
            var load = state.load
            load.entries = state.scores.count
            load.bytes = state.scores.bytes
            return load
        }
    }

    /// The known scores of a content, one for each question; nil where there is none.
    package func scores(of content: [TokenID], questions: [[TokenID]]) -> [Double?] {
        state.withLock { state in
            let known = state.scores.value(of: content) ?? [:]
            let scores = questions.map { known[$0] }
            state.load.lookups += scores.count
            state.load.hits += scores.count { $0 != nil }
            return scores
        }
    }

    /// Keeps scores of a content, one for each question; what is not a number is never kept.
    package func keep(_ scores: [Double], of content: [TokenID], questions: [[TokenID]]) {
        state.withLock { state in
            var known = state.scores.value(of: content) ?? [:]
            for (question, score) in zip(questions, scores) where score.isFinite { known[question] = score }
            // What an array and a dictionary take beside their elements, and a dictionary's free places; the questions'
            // tokens are shared by all entries.
            let bytes = 256 + content.count * MemoryLayout<TokenID>.stride + known.count * 32
            state.scores.keep(known, of: content, bytes: bytes)
        }
    }
}
