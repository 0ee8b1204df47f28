import Moderation
import NIOCore

/// Runs tasks on one event loop: that of the connection they serve.
///
/// What a request needs most, its client's bytes and the chatbot's, arrives on that loop. Whatever hops to another thread and
/// back pays for two wake-ups, which is more than a short text costs to judge.
final class EventLoopTasks: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Texts up to this many bytes are read on the event loop; other connections wait meanwhile.
private let shortBytes = 8 << 10

/// Does some work that reads so many bytes of text: what is short where the caller runs, what is long on the global pool.
func withRoom<Value: Sendable>(for bytes: Int, _ work: () async throws -> Value) async rethrows -> Value {
    guard bytes > shortBytes else { return try await work() }
    return try await withTaskExecutorPreference(globalConcurrentExecutor, operation: work)
}

extension Turn {
    /// Length of its texts in UTF-8 bytes.
    var bytes: Int { parts.reduce(0) { $0 + $1.text.utf8.count } }
}
