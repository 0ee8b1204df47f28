import Gemma
import Synchronization
import Testing

@Suite("the engine", .timeLimit(.minutes(2)))
struct EngineTests {
    /// Holds the engine's thread before its passes until it is opened, and notes what they serve.
    private final class Gate: Sendable {
        private let isOpen = Atomic<Bool>(false)
        private let seen = Mutex<[[Int]]>([])
        private let entered: AsyncStream<Void>
        private let entry: AsyncStream<Void>.Continuation

        init() {
            (entered, entry) = AsyncStream.makeStream()
        }

        /// The tokens of each request of each pass so far.
        var passes: [[Int]] { seen.withLock { $0 } }

        func open() { isOpen.store(true, ordering: .releasing) }

        func enter(_ pass: EnginePass) {
            seen.withLock { $0.append(pass.rows) }
            entry.yield()
            while !isOpen.load(ordering: .acquiring) {}
        }

        func waitUntilEntered() async {
            for await _ in entered { return }
        }
    }

    private let gate = Gate()

    /// An engine whose thread stands at the gate with a first request of 1 token.
    private func heldEngine(queueLimit: Int = 64, passRows: Int = 256) async throws -> (Engine, Task<Void, any Error>) {
        let model = try Fixtures.tinyModel("tiny-gemma3")
        let engine = Engine(model: model, queueLimit: queueLimit, passRows: passRows) { [gate] in gate.enter($0) }
        let first = Task { _ = try await engine.forward([Segment(tokens: [5], logits: .all)]) }
        await gate.waitUntilEntered()
        return (engine, first)
    }

    /// Queues a request, and returns once it waits.
    private func queue(
        _ engine: Engine,
        _ segments: [Segment],
        admission: Engine.Admission = .new
    ) async -> Task<[[Float]], any Error> {
        let before = engine.load.waiting
        let task = Task { try await engine.forward(segments, admission: admission) }
        while engine.load.waiting == before { await Task.yield() }
        return task
    }

    private func text(_ count: Int, cache: KVCache? = nil) -> [Segment] {
        [Segment(cache: cache, tokens: sampleTokens(count), extendsCache: cache != nil, logits: .all)]
    }

    @Test("a request's logits equal those of a pass of its own")
    func result() async throws {
        let engine = Engine(model: try Fixtures.tinyModel("tiny-gemma3"))
        #expect(try await engine.forward(text(12)) == ForwardPass(engine.model).forward(text(12)))
        #expect(try await engine.forward([]).isEmpty)
        #expect(engine.load.passes == 1 && engine.load.requests == 1 && engine.load.rows == 12)
    }

    @Test("requests that wait share one pass, and each gets what it would get alone")
    func batch() async throws {
        let (engine, first) = try await heldEngine()
        var tasks: [Task<[[Float]], any Error>] = []
        var texts: [[Segment]] = []
        for length in [3, 40, 1, 17] {
            let cache = engine.model.makeCache()
            let question = Segment(cache: cache, tokens: sampleTokens(4, seed: 9), logits: .rows([7, 8]))
            texts.append([text(length), text(length, cache: cache), [question]].flatMap(\.self))
            tasks.append(await queue(engine, texts[texts.count - 1]))
        }
        gate.open()
        try await first.value
        let pass = ForwardPass(engine.model)
        for (task, length) in zip(tasks, [3, 40, 1, 17]) {
            let found = try await task.value
            let whole = sampleTokens(length) + sampleTokens(4, seed: 9)
            let alone = try pass.forward(text(length) + [Segment(tokens: whole, logits: .rows([7, 8]))])
            #expect(found.map(\.count) == [320, 320, 2])
            #expect(largestDifference(found[0], alone[0]) < 1e-4)
            #expect(largestDifference(found[1], alone[0]) < 1e-4)
            #expect(largestDifference(found[2], alone[1]) < 1e-4)
        }
        #expect(gate.passes == [[1], [10, 84, 6, 38]])
        #expect(engine.load.passes == 2 && engine.load.requests == 5 && engine.load.rows == 139)
        #expect(engine.load.waiting == 0 && !engine.load.isBusy)
    }

    @Test("a request that can't be run is refused at once, and changes no count")
    func refusal() async throws {
        let engine = Engine(model: try Fixtures.tinyModel("tiny-gemma3"))
        await #expect(throws: GemmaError.tokenOutOfRange(id: 999, vocabularySize: 320)) {
            try await engine.forward([Segment(tokens: [999], logits: .all)])
        }
        #expect(engine.load.passes == 0 && engine.load.requests == 0 && engine.load.waiting == 0)
    }

    @Test("a request that can't be run by the time of its pass fails alone")
    func lateRefusal() async throws {
        let (engine, first) = try await heldEngine(passRows: 300)
        let cache = engine.model.makeCache()
        let grower = await queue(engine, text(300, cache: cache))
        let tooLong = await queue(engine, text(250, cache: cache))
        let other = await queue(engine, text(20))
        gate.open()
        try await first.value
        _ = try await grower.value
        await #expect(throws: GemmaError.contextExceeded(tokens: 550, limit: 512)) { try await tooLong.value }
        #expect(try await other.value[0].count == 320)
        #expect(gate.passes == [[1], [300], [250, 20]])
        #expect(engine.load.requests == 4 && engine.load.rows == 321)
    }

    @Test("requests on one cache run one after the other, in order")
    func sharedCache() async throws {
        let (engine, first) = try await heldEngine()
        let cache = engine.model.makeCache()
        let tokens = sampleTokens(25)
        var parts: [Task<[[Float]], any Error>] = []
        for part in [tokens[..<7], tokens[7..<24], tokens[24...]] {
            let segment = Segment(cache: cache, tokens: Array(part), extendsCache: true, logits: .all)
            parts.append(await queue(engine, [segment]))
        }
        let other = await queue(engine, text(2))
        gate.open()
        try await first.value
        let last = try await parts[2].value[0]
        _ = try await other.value
        #expect(gate.passes == [[1], [7, 2], [17], [1]])
        #expect(largestDifference(last, try await engine.forward(text(25))[0]) < 1e-4)
    }

    @Test("a small request overtakes one that doesn't fit in one pass only; what finishes something goes first")
    func order() async throws {
        let (engine, first) = try await heldEngine(passRows: 50)
        var tasks: [Task<[[Float]], any Error>] = []
        for (rows, admission) in [
            (30, Engine.Admission.new), (40, .new), (15, .more), (200, .new), (12, .new), (5, .new), (45, .finishing),
            (4, .finishing),
        ] {
            tasks.append(await queue(engine, text(rows), admission: admission))
        }
        gate.open()
        try await first.value
        for task in tasks { _ = try await task.value }
        #expect(gate.passes == [[1], [45, 4], [30, 15, 5], [40], [200], [12]])
    }

    @Test("a full queue turns new requests away at once, not what was begun")
    func fullQueue() async throws {
        let (engine, first) = try await heldEngine(queueLimit: 2)
        var tasks = [await queue(engine, text(2)), await queue(engine, text(3))]
        await #expect(throws: GemmaError.queueFull(limit: 2)) { try await engine.forward(text(4)) }
        #expect(engine.load.rejected == 1 && engine.load.isBusy)
        tasks.append(await queue(engine, text(5), admission: .more))
        tasks.append(await queue(engine, text(6), admission: .finishing))
        await #expect(throws: GemmaError.queueFull(limit: 2)) { try await engine.forward(text(4)) }
        gate.open()
        try await first.value
        for task in tasks { #expect(try await task.value.count == 1) }
        _ = try await engine.forward(text(4))
        #expect(engine.load.requests == 6 && engine.load.rejected == 2)
    }

    @Test("a cancelled task's waiting request is dropped without running")
    func cancelWaiting() async throws {
        let (engine, first) = try await heldEngine()
        let task = await queue(engine, text(9))
        let other = await queue(engine, text(8))
        task.cancel()
        await #expect(throws: GemmaError.cancelled) { try await task.value }
        #expect(engine.load.waiting == 1 && engine.load.cancelled == 1)
        gate.open()
        try await first.value
        _ = try await other.value
        #expect(gate.passes == [[1], [8]])
    }

    @Test("a pass stops when all of its requests are cancelled, and extends no cache")
    func cancelRunning() async throws {
        let model = try Fixtures.tinyModel("tiny-gemma3")
        let engine = Engine(model: model, queueLimit: 2) { [gate] in gate.enter($0) }
        let cache = model.makeCache()
        let task = Task { try await engine.forward(text(9, cache: cache)) }
        await gate.waitUntilEntered()
        task.cancel()
        gate.open()
        await #expect(throws: GemmaError.cancelled) { try await task.value }
        #expect(cache.count == 0)
        #expect(engine.load.cancelled == 1 && engine.load.rows == 0 && engine.load.requests == 0)
    }

    @Test("a pass goes on for those who still wait; the others' results are thrown away")
    func cancelOneOfTwo() async throws {
        let passes = Atomic<Int>(0)
        let hold = Gate()
        let model = try Fixtures.tinyModel("tiny-gemma3")
        // The first pass goes through once both others wait; the second one stands until it is opened.
        let engine = Engine(model: model, queueLimit: 8) { [gate] pass in
            (passes.add(1, ordering: .relaxed).newValue == 1 ? gate : hold).enter(pass)
        }
        let first = Task { try await engine.forward([Segment(tokens: [5], logits: .all)]) }
        await gate.waitUntilEntered()
        let gone = await queue(engine, text(9))
        let stays = await queue(engine, text(8))
        gate.open()
        await hold.waitUntilEntered()
        gone.cancel()
        hold.open()
        await #expect(throws: GemmaError.cancelled) { try await gone.value }
        let alone = try ForwardPass(model).forward(text(8))[0]
        #expect(largestDifference(try await stays.value[0], alone) < 1e-4)
        _ = try await first.value
        #expect(hold.passes == [[9, 8]])
        #expect(engine.load.cancelled == 1 && engine.load.requests == 2 && engine.load.rows == 18)
    }

    @Test("shutting down fails what runs, what waits and what comes later")
    func shutdown() async throws {
        let (engine, first) = try await heldEngine()
        let waiting = await queue(engine, text(3))
        engine.shutdown()
        await #expect(throws: GemmaError.shutDown) { try await waiting.value }
        gate.open()
        await #expect(throws: GemmaError.shutDown) { try await first.value }
        await #expect(throws: GemmaError.shutDown) { try await engine.forward(text(3)) }
    }

    @Test("many tasks at a time each get their own result")
    func manyTasks() async throws {
        let engine = Engine(model: try Fixtures.tinyModel("tiny-gemma3"))
        let pass = ForwardPass(engine.model)
        let expected = try (1...20).map { try pass.forward(text($0))[0] }
        try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
            for length in 1...20 {
                group.addTask { (length, try await engine.forward(text(length))[0]) }
            }
            for try await (length, logits) in group {
                #expect(largestDifference(logits, expected[length - 1]) < 1e-4)
            }
        }
        #expect(engine.load.requests == 20 && engine.load.rows == 210 && engine.load.waiting == 0)
    }
}
