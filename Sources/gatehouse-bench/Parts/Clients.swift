import Gemma
import Shield

/// Many clients at once: judgements a second, how long one waits for its own, and what memory that takes.
struct Clients {
    private let setup: Setup
    private static let tokens = 60

    init(_ setup: Setup) { self.setup = setup }

    func measure() async throws -> Section {
        let texts = setup.texts(seed: 200)
        let load = ClosedLoad(moderator: setup.moderator, texts: texts)
        var section = Section(
            title: "clients, texts of \(Self.tokens) tokens",
            columns: ["texts/s", "p50 ms", "p99 ms", "tokens a pass", "resident MiB"]
        )
        _ = try await load.run(clients: 4, tokens: Self.tokens, seconds: 1, most: 100)
        var (judged, screenedOut) = (0, 0)
        for clients in [1, 4, 16, 64] {
            let before = setup.engine.load
            let (outcome, seconds) = try await load.run(clients: clients, tokens: Self.tokens, seconds: 8, most: 4000)
            let after = setup.engine.load
            let latencies = Sample(outcome.latencies)
            let rate = Double(latencies.values.count) / seconds
            let resident = Double(ProcessMemory.current().resident) / 1_048_576
            let rows = Double(after.rows - before.rows) / Double(max(1, after.passes - before.passes))
            let p99 = latencies.percentile(0.99)
            section.rows.append([
                "  \(clients)", Section.number(rate, decimals: 1), Section.number(latencies.median, decimals: 1),
                Section.number(p99, decimals: 1), Section.number(rows), Section.number(resident),
            ])
            func record(_ method: String, _ sample: Sample, _ unit: String) -> Record {
                Record("clients_\(clients)", tokens: Self.tokens, method: method, sample, unit: unit)
            }
            section.records += [
                record("throughput", Sample([rate]), "texts/s"), record("latency", latencies, "ms"),
                record("p99", Sample([p99]), "ms"), record("resident", Sample([resident]), "MiB"),
            ]
            judged += latencies.values.count
            screenedOut += outcome.screenedOut
        }
        section.notes = [
            "the default policy; the screening question answered for the rest in \(screenedOut) of \(judged)",
            "resident: this process, with its caches full and pages of the mapped model file",
        ]
        return section
    }
}

/// Short texts while one client sends long ones: whether they get stuck behind them.
struct MixedLengths {
    private let setup: Setup
    private static let (clients, tokens, longTokens) = (15, 60, 3000)

    init(_ setup: Setup) { self.setup = setup }

    func measure() async throws -> Section {
        let texts = setup.texts(seed: 300)
        let load = ClosedLoad(moderator: setup.moderator, texts: texts)
        func short() async throws -> (outcome: ClosedLoad.Outcome, seconds: Double) {
            try await load.run(clients: Self.clients, tokens: Self.tokens, seconds: 8, most: 4000)
        }
        let alone = try await short()
        async let long = load.run(clients: 1, tokens: Self.longTokens, seconds: 8, most: 1000)
        let beside = try await short()
        let longTimes = Sample(try await long.outcome.latencies)

        var section = Section(
            title: "\(Self.clients) clients, texts of \(Self.tokens) tokens",
            columns: ["texts/s", "p50 ms", "p99 ms"]
        )
        var p99s: [Double] = []
        for (name, run) in [("alone", alone), ("beside one of \(Self.longTokens)", beside)] {
            let latencies = Sample(run.outcome.latencies)
            let (rate, p99) = (Double(latencies.values.count) / run.seconds, latencies.percentile(0.99))
            section.rows.append(
                ["  " + name] + [rate, latencies.median, p99].map { Section.number($0, decimals: 1) }
            )
            section.records.append(Record("mixed_p99", tokens: Self.tokens, method: name, Sample([p99]), unit: "ms"))
            p99s.append(p99)
        }
        section.notes = [
            "p99 beside the long texts is \(Section.number(p99s[1] / p99s[0], decimals: 2)) times that alone; "
                + "a long text took \(Section.number(longTimes.median / 1000, decimals: 2)) s"
        ]
        section.records.append(Record("mixed_long", tokens: Self.longTokens, longTimes, unit: "ms"))
        return section
    }
}
