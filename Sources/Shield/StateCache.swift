package import Gemma
import Synchronization

/// The states in which texts left the model, so that no text is read twice to be compared.
///
/// Keyed by the tokens that the model read; bounded in bytes; the content that was asked about longest ago goes first.
package final class StateCache: Sendable {
    private let states: Mutex<RecentlyUsed<[TokenID], [Float]>>

    /// - Parameter byteLimit: bytes that the entries may take together; 0 keeps nothing.
    package init(byteLimit: Int) {
        states = Mutex(RecentlyUsed(byteLimit: byteLimit))
    }

    /// The known state of a content, `[hidden]`.
    package func state(of content: [TokenID]) -> [Float]? {
        states.withLock { $0.value(of: content) }
    }

    /// Keeps the state of a content.
    package func keep(_ state: [Float], of content: [TokenID]) {
        // With what two arrays and a dictionary's place take beside their elements.
        let bytes = 192 + content.count * MemoryLayout<TokenID>.stride + state.count * MemoryLayout<Float>.stride
        states.withLock { $0.keep(state, of: content, bytes: bytes) }
    }
}
