import Foundation

/// From starting a process to its first score, and the memory it then has; the files are in the page cache.
struct ColdStart {
    private let options: ModelOptions
    private let cases: Cases
    private static let (starts, tokens) = (5, 200)

    init(_ options: ModelOptions, _ cases: Cases) {
        self.options = options
        self.cases = cases
    }

    func measure() async throws -> Section {
        var (times, peaks): ([Double], [Double]) = ([], [])
        for index in 0...Self.starts {
            let (seconds, bytes) = try start()
            // The first one may have had to read the files from the disk.
            guard index > 0 else { continue }
            times.append(seconds * 1000)
            peaks.append(Double(bytes) / 1_048_576)
        }
        let (time, peak) = (Sample(times), Sample(peaks))
        var section = Section(title: "fresh process", columns: ["median", "min", "max"])
        for (name, sample) in [("first score, ms", time), ("peak memory, MiB", peak)] {
            section.rows.append(["  " + name] + [sample.median, sample.least, sample.most].map { Section.number($0) })
        }
        section.records = [
            Record("cold_start", tokens: Self.tokens, questions: 1, method: "shared", time, unit: "ms"),
            Record("memory", tokens: Self.tokens, questions: 1, method: "shared", peak, unit: "MiB"),
        ]
        return section
    }

    /// Starts a worker and asks one question about a text.
    ///
    /// - Throws: ``BenchError/noReply(status:)``.
    private func start() throws -> (seconds: Double, peakBytes: Int) {
        let worker = Process()
        let (requests, replies) = (Pipe(), Pipe())
        worker.executableURL = Bundle.main.executableURL
        worker.arguments = ["worker"] + options.arguments
        worker.standardInput = requests
        worker.standardOutput = replies
        let work = WorkerRequest(
            do: "score",
            method: "shared",
            text: cases.texts["\(Self.tokens)"],
            questions: Array(cases.questions.prefix(1))
        )
        let start = ContinuousClock.now
        try worker.run()
        defer {
            try? requests.fileHandleForWriting.close()
            worker.waitUntilExit()
        }
        func ask(_ request: WorkerRequest) throws {
            try requests.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(request) + Data("\n".utf8))
        }
        var lines = ReplyLines(replies.fileHandleForReading)
        // Waits in the pipe until the worker is ready.
        try ask(work)
        guard try lines.next()?.ready == true, try lines.next()?.scores?.count == 1 else {
            throw BenchError.noReply(status: worker.isRunning ? 0 : worker.terminationStatus)
        }
        let seconds = start.duration(to: .now) / .seconds(1)
        try ask(WorkerRequest(do: "memory"))
        return (seconds, try lines.next()?.peakBytes ?? 0)
    }
}

/// A worker's replies, read as they come.
private struct ReplyLines {
    private let handle: FileHandle
    private var buffer = Data()

    init(_ handle: FileHandle) { self.handle = handle }

    /// The next one; nil once there will be no more.
    mutating func next() throws -> WorkerReply? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeSubrange(...end) }
                return try JSONDecoder().decode(WorkerReply.self, from: buffer[..<end])
            }
            let piece = handle.availableData
            if piece.isEmpty { return nil }
            buffer += piece
        }
    }
}
