import Metrics
import Telemetry
import Testing

@Suite("metrics as Prometheus text")
struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry(
        seriesLimit: 3,
        help: ["decisions": "What was decided,\nby \\ outcome."],
        bounds: ["queue": [0.1, 1], "sizes": [10, 100]]
    )

    private func scrape() throws -> Exposition { try Exposition(registry.render()) }

    @Test("an empty registry is still well-formed")
    func empty() throws {
        #expect(try scrape().value("gatehouse_metrics_overflow_total") == 0)
    }

    @Test("counters count, in whole numbers and fractions")
    func counters() throws {
        let blocked = Counter(label: "decisions", dimensions: [("outcome", "block")], factory: registry)
        blocked.increment()
        blocked.increment(by: 4)
        // Another object of the same name and labels is the same series.
        Counter(label: "decisions", dimensions: [("outcome", "block")], factory: registry).increment()
        Counter(label: "decisions", dimensions: [("outcome", "allow")], factory: registry).increment(by: 2)
        let seconds = FloatingPointCounter(label: "busy.seconds", factory: registry)
        seconds.increment(by: 0.25)
        seconds.increment(by: 1.5)
        let text = try scrape()
        #expect(text.types["gatehouse_decisions_total"] == "counter")
        #expect(text.help["gatehouse_decisions_total"] == #"What was decided,\nby \\ outcome."#)
        #expect(text.value("gatehouse_decisions_total", ["outcome": "block"]) == 6)
        #expect(text.value("gatehouse_decisions_total", ["outcome": "allow"]) == 2)
        #expect(text.value("gatehouse_busy_seconds_total") == 1.75)
        blocked.destroy()
        #expect(try scrape().value("gatehouse_decisions_total", ["outcome": "block"]) == 6)
        blocked.reset()
        #expect(try scrape().value("gatehouse_decisions_total", ["outcome": "block"]) == 0)
    }

    @Test("gauges and meters show the last value")
    func gauges() throws {
        let waiting = Meter(label: "gatehouse_waiting", factory: registry)
        waiting.set(5)
        waiting.increment(by: 2.5)
        waiting.decrement()
        Gauge(label: "temperature", factory: registry).record(-3.5)
        let text = try scrape()
        #expect(text.types["gatehouse_waiting"] == "gauge")
        #expect(text.value("gatehouse_waiting") == 6.5)
        #expect(text.value("gatehouse_temperature") == -3.5)
    }

    @Test("timers are histograms in seconds")
    func timers() throws {
        let queue = Timer(label: "queue", dimensions: [("rule", "a")], factory: registry)
        queue.recordMilliseconds(50)
        queue.recordMilliseconds(100)
        queue.recordSeconds(0.5)
        queue.recordSeconds(20)
        let text = try scrape()
        #expect(text.types["gatehouse_queue_seconds"] == "histogram")
        #expect(text.value("gatehouse_queue_seconds_bucket", ["rule": "a", "le": "0.1"]) == 2)
        #expect(text.value("gatehouse_queue_seconds_bucket", ["rule": "a", "le": "1"]) == 3)
        #expect(text.value("gatehouse_queue_seconds_bucket", ["rule": "a", "le": "+Inf"]) == 4)
        #expect(text.value("gatehouse_queue_seconds_count", ["rule": "a"]) == 4)
        #expect(abs((text.value("gatehouse_queue_seconds_sum", ["rule": "a"]) ?? 0) - 20.65) < 1e-9)
    }

    @Test("recorders are histograms in their own unit, with buckets that ascend")
    func recorders() throws {
        let sizes = Recorder(label: "sizes", factory: registry)
        sizes.record(10)
        sizes.record(10.5)
        sizes.record(Double.nan)
        sizes.record(1e9)
        Recorder(label: "tokens", factory: registry).record(60)
        let text = try scrape()
        #expect(text.value("gatehouse_sizes_bucket", ["le": "10"]) == 1)
        #expect(text.value("gatehouse_sizes_bucket", ["le": "100"]) == 2)
        #expect(text.value("gatehouse_sizes_count") == 3)
        let buckets = text.samples.filter { $0.name == "gatehouse_tokens_bucket" }.map(\.value)
        #expect(buckets == buckets.sorted())
        #expect(buckets.last == 1)
    }

    @Test("label values come back whole, and names are made fit", arguments: [#"a"b\c"# + "\nd", "{}=,", "日本", ""])
    func escaping(value: String) throws {
        Counter(
            label: "odd-name.with spaces",
            dimensions: [("le", value), ("9 lives", "x"), ("__reserved", "y")],
            factory: registry
        ).increment()
        let text = try scrape()
        let labels = ["label_le": value, "label_9_lives": "x", "label___reserved": "y"]
        #expect(text.value("gatehouse_odd_name_with_spaces_total", labels) == 1)
    }

    @Test("label sets are bounded, and what is beyond them is summed and counted")
    func bounded() throws {
        for index in 0..<10 {
            Counter(label: "paths", dimensions: [("path", "\(index)")], factory: registry).increment()
        }
        let text = try scrape()
        #expect(text.samples.filter { $0.name == "gatehouse_paths_total" }.count == 4)
        #expect(text.value("gatehouse_paths_total", ["path": "2"]) == 1)
        #expect(text.value("gatehouse_paths_total", ["overflow": "true"]) == 7)
        #expect(text.value("gatehouse_metrics_overflow_total") == 7)
        // A series that was there before the limit is still itself.
        Counter(label: "paths", dimensions: [("path", "1")], factory: registry).increment()
        #expect(try scrape().value("gatehouse_paths_total", ["path": "1"]) == 2)
    }

    @Test("two kinds under one name are not mixed, and that is counted")
    func conflicts() throws {
        Meter(label: "same", factory: registry).set(1)
        Recorder(label: "same", factory: registry).record(5)
        let text = try scrape()
        #expect(text.value("gatehouse_same") == 1)
        #expect(text.value("gatehouse_metrics_conflicts_total") == 1)
    }

    @Test("the order is stable")
    func order() throws {
        for path in ["b", "c", "a"] {
            Counter(label: "z", dimensions: [("path", path)], factory: registry).increment()
        }
        Counter(label: "a", factory: registry).increment()
        let text = registry.render()
        #expect(text == registry.render())
        let names = try Exposition(text).samples.map { $0.name + ($0.labels["path"] ?? "") }
        #expect(names == names.sorted())
    }

    @Test("counting from many tasks at once loses nothing")
    func concurrency() async throws {
        await withTaskGroup(of: Void.self) { [registry] group in
            for _ in 0..<50 {
                group.addTask {
                    for _ in 0..<100 { Counter(label: "hits", factory: registry).increment() }
                }
            }
        }
        #expect(try scrape().value("gatehouse_hits_total") == 5000)
    }
}
