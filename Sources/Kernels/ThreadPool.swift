import Synchronization

/// Threads that share out the iterations of a loop.
///
/// Idle threads spin for some microseconds, then sleep. One loop runs at a time; a loop started from another thread
/// meanwhile waits its turn. All threads end when the pool is released.
public final class ThreadPool: Sendable {
    /// Threads that work on a loop, the caller's included.
    public let threads: Int

    private let core: PoolCore
    private let turn = Mutex<Void>(())
    private let workers: [WorkerThread]

    /// - Parameter threads: at least 1; the caller of a loop is one of them, so `threads - 1` are started.
    public init(threads: Int) {
        precondition(threads >= 1, "a pool cannot have \(threads) threads")
        self.threads = threads
        let core = PoolCore()
        self.core = core
        workers = (1..<threads).map { _ in WorkerThread { core.work() } }
    }

    deinit {
        core.stop()
        for worker in workers {
            worker.join()
        }
    }

    /// Calls `body` with each of `0..<count` once, on all threads of the pool, and returns when all calls have returned.
    ///
    /// Iterations are handed out one at a time in rising order. Blocks the caller. A loop started inside a body (of
    /// any pool) runs serially on the thread that started it.
    ///
    /// - Parameter body: called from several threads at once; what it writes must not overlap between iterations.
    public func parallelFor(_ count: Int, _ body: (Int) -> Void) {
        precondition(count >= 0, "a loop cannot run \(count) times")
        if count <= 1 || workers.isEmpty || WorkerThread.isInsideLoop {
            for index in 0..<count {
                body(index)
            }
            return
        }
        withoutActuallyEscaping(body) { body in
            turn.withLock { _ in
                core.run(Loop(count: count, body: body))
            }
        }
    }
}
