import Gemma
import Synchronization
import Testing

@Suite("the engine", .timeLimit(.minutes(2)))
struct EngineTests {
    private func engine(queueLimit: Int = 8) throws -> Engine {
        Engine(model: try Fixtures.tinyModel("tiny-gemma3"), queueLimit: queueLimit)
    }

    /// Holds the engine's thread until it is opened, without a sleep.
    private final class Gate: Sendable {
        private let isOpen = Atomic<Bool>(false)
        let entered: AsyncStream<Void>
        private let entry: AsyncStream<Void>.Continuation

        init() {
            (entered, entry) = AsyncStream.makeStream()
        }

        func open() { isOpen.store(true, ordering: .releasing) }

        /// Spins until opened or `isDone`.
        func hold(unless isDone: () -> Bool = { false }) {
            entry.yield()
            while !isOpen.load(ordering: .acquiring) && !isDone() {}
        }

        func waitUntilEntered() async {
            for await _ in entered { return }
        }
    }

    /// Returns once the engine has this many waiting jobs.
    private func waitForJobs(_ count: Int, _ engine: Engine) async {
        while engine.load.waiting != count { await Task.yield() }
    }

    @Test("a job's result comes back, and equals a pass of one's own")
    func result() async throws {
        let engine = try engine()
        let segment = Segment(tokens: sampleTokens(12), logits: .all)
        let logits = try await engine.run { try $0.forward([segment])[0] }
        #expect(logits == (try ForwardPass(engine.model).forward([segment])[0]))
    }

    @Test("a job's error comes back")
    func failure() async throws {
        let engine = try engine()
        await #expect(throws: GemmaError.tokenOutOfRange(id: 999, vocabularySize: 320)) {
            try await engine.run { try $0.forward([Segment(tokens: [999], logits: .all)]) }
        }
    }

    @Test("caches live from job to job")
    func caches() async throws {
        let engine = try engine()
        let cache = engine.model.makeCache()
        let tokens = sampleTokens(25)
        for part in [tokens[..<7], tokens[7..<24]] {
            let segment = Segment(cache: cache, tokens: Array(part), extendsCache: true, logits: .none)
            _ = try await engine.run { try $0.forward([segment]) }
        }
        let last = Segment(cache: cache, tokens: [tokens[24]], logits: .all)
        let logits = try await engine.run { try $0.forward([last])[0] }
        let whole = try await engine.run { try $0.forward([Segment(tokens: tokens, logits: .all)])[0] }
        #expect(largestDifference(logits, whole) < 1e-4)
    }

    @Test("many tasks at a time each get their own result")
    func manyTasks() async throws {
        let engine = try engine(queueLimit: 64)
        let expected = try await engine.run { context in
            try (1...20).map { try context.forward([Segment(tokens: sampleTokens($0), logits: .all)])[0] }
        }
        try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
            for length in 1...20 {
                group.addTask {
                    let segment = Segment(tokens: sampleTokens(length), logits: .all)
                    return (length, try await engine.run { try $0.forward([segment])[0] })
                }
            }
            for try await (length, logits) in group {
                #expect(logits == expected[length - 1])
            }
        }
        #expect(engine.load.waiting == 0)
    }

    @Test("a full queue turns jobs away at once")
    func fullQueue() async throws {
        let engine = try engine(queueLimit: 2)
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run { _ in gate.hold() } }
            await gate.waitUntilEntered()
            for _ in 0..<2 { group.addTask { try await engine.run { _ in } } }
            await waitForJobs(2, engine)
            #expect(engine.load.isBusy)
            await #expect(throws: GemmaError.queueFull(limit: 2)) { try await engine.run { _ in } }
            #expect(engine.load.rejected == 1)
            gate.open()
            try await group.waitForAll()
        }
        try await engine.run { _ in }
        #expect(engine.load.completed >= 3)
    }

    @Test("a cancelled task's waiting job is dropped without running")
    func cancelWaiting() async throws {
        let engine = try engine()
        let gate = Gate()
        let holder = Task { try await engine.run { _ in gate.hold() } }
        await gate.waitUntilEntered()
        let hasRun = Atomic<Bool>(false)
        let task = Task { try await engine.run { _ in hasRun.store(true, ordering: .releasing) } }
        await waitForJobs(1, engine)
        task.cancel()
        await #expect(throws: GemmaError.cancelled) { try await task.value }
        #expect(engine.load.waiting == 0)
        #expect(engine.load.cancelled == 1)
        gate.open()
        try await holder.value
        try await engine.run { _ in }
        let ran = hasRun.load(ordering: .acquiring)
        #expect(!ran)
    }

    @Test("a cancelled task's running job stops at the next layer")
    func cancelRunning() async throws {
        let engine = try engine()
        let gate = Gate()
        let cache = engine.model.makeCache()
        let task = Task {
            try await engine.run { context in
                gate.hold(unless: { context.isCancelled })
                return try context.forward([
                    Segment(cache: cache, tokens: sampleTokens(9), extendsCache: true, logits: .all)
                ])
            }
        }
        await gate.waitUntilEntered()
        task.cancel()
        await #expect(throws: GemmaError.cancelled) { try await task.value }
        try await engine.run { _ in }
        #expect(cache.count == 0)
    }

    @Test("shutting down fails what waits and what comes later")
    func shutdown() async throws {
        let engine = try engine()
        let gate = Gate()
        let holder = Task {
            try await engine.run { context in
                gate.hold(unless: { context.isCancelled })
                return try context.forward([Segment(tokens: [5], logits: .all)])
            }
        }
        await gate.waitUntilEntered()
        let waiting = Task { try await engine.run { _ in } }
        await waitForJobs(1, engine)
        engine.shutdown()
        await #expect(throws: GemmaError.shutDown) { try await waiting.value }
        await #expect(throws: GemmaError.shutDown) { try await holder.value }
        await #expect(throws: GemmaError.shutDown) { try await engine.run { _ in } }
    }
}
