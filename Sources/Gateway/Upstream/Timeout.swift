import NIOCore
import NIOPosix
import Synchronization

/// When something last moved on.
final class Progress: Sendable {
    private let last = Mutex(NIODeadline.now())

    /// When.
    var time: NIODeadline { last.withLock { $0 } }

    /// Takes note that it moves on.
    func note() { last.withLock { $0 = .now() } }
}

/// Does some work, or gives it up when it has not moved on for a time.
///
/// - Parameter work: told where to note that it moves on.
func withTimeout<Value: Sendable>(
    _ timeout: Duration,
    orThrow error: any Error,
    _ work: @escaping @Sendable @concurrent (Progress) async throws -> Value
) async throws -> Value {
    let progress = Progress()
    return try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await work(progress) }
        group.addTask {
            while true {
                let end = progress.time + TimeAmount(timeout)
                guard end > .now() else { throw error }
                try await sleep(until: end)
            }
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}

/// Sleeps on an event loop, the current one where there is one: `Task.sleep` wakes two other threads.
private func sleep(until end: NIODeadline) async throws {
    let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
    let timer = eventLoop.scheduleTask(deadline: end) {}
    try await withTaskCancellationHandler {
        try await timer.futureResult.get()
    } onCancel: {
        timer.cancel()
    }
}
