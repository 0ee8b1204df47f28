import Synchronization

/// Values that take long to make: each is made once, however many ask for it meanwhile, and kept while there is room.
///
/// The making goes on when who asked first is cancelled, since others may wait for it too. A failure is told to those who
/// waited, and the next one to ask tries again.
final class MadeOnce<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Making = Task<Value, any Error>

    private let makings: Mutex<RecentlyUsed<Key, Making>>

    init(byteLimit: Int) {
        makings = Mutex(RecentlyUsed(byteLimit: byteLimit))
    }

    /// The value of a key.
    ///
    /// - Parameters:
    ///   - bytes: what the value will take.
    ///   - make: called when the value is not there.
    func value(of key: Key, bytes: Int, make: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let making = makings.withLock { makings in
            if let known = makings.value(of: key) { return known }
            let new = Making { try await make() }
            makings.keep(new, of: key, bytes: bytes)
            return new
        }
        do {
            return try await making.value
        } catch {
            makings.withLock { if $0.value(of: key) == making { $0.drop(key) } }
            throw error
        }
    }
}
