import Synchronization

/// A loop in progress: how often, and what.
struct Loop {
    var count: Int
    var body: (Int) -> Void
}

/// What the threads of a pool share: the current loop and how to enter and leave it.
///
/// `gate` counts the workers inside the current loop, plus `closed` when none may enter. A worker adds one, then looks:
/// when the gate was closed it takes the one back and never touches the loop. The owner closes the gate after its own
/// share of the work and waits for the count to reach zero, so a sleeping worker never delays a loop it missed.
//
// @unchecked Sendable: `loop` is written only by the one owner at a time (ThreadPool.turn) while the gate is closed and
// nobody is inside, and read only by threads inside; opening and entering the gate order the two. All else is atomic
// or a `Signal`.
final class PoolCore: @unchecked Sendable {
    private static let closed = 1 << 32
    /// Rounds of a pause instruction before a thread goes to sleep; some tens of microseconds.
    private static let spins = 2000

    private let gate = Atomic<Int>(PoolCore.closed)
    private let next = Atomic<Int>(0)
    private let generation = Atomic<Int>(0)
    private let stopped = Atomic<Bool>(false)
    private let started = Signal()
    private let left = Signal()
    private var loop = Loop(count: 0) { _ in }

    /// Runs `loop` with whatever workers join in; one caller at a time.
    func run(_ loop: Loop) {
        self.loop = loop
        next.store(0, ordering: .relaxed)
        gate.subtract(Self.closed, ordering: .sequentiallyConsistent)
        generation.add(1, ordering: .sequentiallyConsistent)
        started.notify()
        WorkerThread.insideLoop { iterate() }
        gate.add(Self.closed, ordering: .sequentiallyConsistent)
        left.wait(spins: Self.spins) { self.gate.load(ordering: .sequentiallyConsistent) == Self.closed }
        self.loop = Loop(count: 0) { _ in }
    }

    /// A worker's life: wait for a loop, take part, until `stop()`.
    func work() {
        var seen = 0
        WorkerThread.insideLoop {
            while true {
                started.wait(spins: Self.spins) {
                    self.generation.load(ordering: .sequentiallyConsistent) != seen
                }
                seen = generation.load(ordering: .sequentiallyConsistent)
                if stopped.load(ordering: .sequentiallyConsistent) { return }
                if gate.add(1, ordering: .sequentiallyConsistent).oldValue < Self.closed {
                    iterate()
                }
                if gate.subtract(1, ordering: .sequentiallyConsistent).newValue == Self.closed {
                    left.notify()
                }
            }
        }
    }

    func stop() {
        stopped.store(true, ordering: .sequentiallyConsistent)
        generation.add(1, ordering: .sequentiallyConsistent)
        started.notify()
    }

    private func iterate() {
        let count = loop.count
        let body = loop.body
        while true {
            let index = next.add(1, ordering: .relaxed).oldValue
            if index >= count { return }
            body(index)
        }
    }
}
