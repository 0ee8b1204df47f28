import Audit
import Foundation
import Sinks
import Testing

@Suite("a file of records")
struct FileSinkTests {
    let folder: TemporaryFolder
    let records: [SinkRecord]

    init() async throws {
        folder = try TemporaryFolder()
        let recorded = try RecordedStore(folder)
        try await recorded.record(12)
        let entries = try await recorded.store.reader.list().entries.reversed()
        records = try entries.map { try SinkRecord($0, hasContent: false) }
    }

    private var path: String { folder.file("decisions.jsonl") }

    private var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("decisions") }
                .sorted()
        }
    }

    @Test("has a line for each, and its owner alone reads it")
    func lines() async throws {
        let sink = FileSink(path: path)
        try await sink.deliver(Array(records[..<5]))
        try await sink.deliver(Array(records[5...]))
        #expect(ids(folder.text("decisions.jsonl")) == records.map(\.id))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        await sink.close()
    }

    @Test("is set aside before it grows too long, and the oldest of those go", arguments: [nil, 2])
    func rotation(keep: Int?) async throws {
        let length = records[0].json.utf8.count + 1
        let sink = FileSink(path: path, maxBytes: length * 2 + 10, keep: keep)
        for record in records { try await sink.deliver([record]) }
        await sink.close()
        let aside = (keep == nil ? 1...5 : 4...5).map { "decisions.jsonl.\($0)" }
        #expect(try names == ["decisions.jsonl"] + aside)
        let kept = (aside + ["decisions.jsonl"]).map(folder.text)
        #expect(kept.allSatisfy { $0.utf8.count <= length * 2 + 10 && $0.hasSuffix("\n") })
        #expect(kept.flatMap(ids) == records.map(\.id).suffix(kept.count * 2))
        // Another process goes on with the numbers, also within one batch.
        try await FileSink(path: path, maxBytes: length * 2 + 10).deliver(Array(records[..<4]))
        #expect(ids(folder.text("decisions.jsonl.6")) == records[10...].map(\.id))
        #expect(ids(folder.text("decisions.jsonl.7")) == records[..<2].map(\.id))
    }

    @Test("may be renamed or removed by others at any time")
    func renamed() async throws {
        let sink = FileSink(path: path)
        try await sink.deliver(Array(records[..<2]))
        try FileManager.default.moveItem(atPath: path, toPath: folder.file("decisions.old"))
        try await sink.deliver(Array(records[2..<5]))
        #expect(ids(folder.text("decisions.old")) == records[..<2].map(\.id))
        #expect(ids(folder.text("decisions.jsonl")) == records[2..<5].map(\.id))
        try FileManager.default.removeItem(atPath: path)
        try await sink.deliver(Array(records[5...]))
        #expect(ids(folder.text("decisions.jsonl")) == records[5...].map(\.id))
        await sink.close()
    }

    @Test("loses the line that a crash left unfinished, whose record comes again")
    func unfinished() async throws {
        try Data((records[0].json + "\n" + String(records[1].json.prefix(40))).utf8)
            .write(to: URL(fileURLWithPath: path))
        try await FileSink(path: path).deliver([records[1]])
        #expect(ids(folder.text("decisions.jsonl")) == records[...1].map(\.id))
        // Nothing but a piece of a line, longer than what is read at a time.
        try Data(String(repeating: "x", count: 200_000).utf8).write(to: URL(fileURLWithPath: path))
        try await FileSink(path: path).deliver([records[2]])
        #expect(folder.text("decisions.jsonl") == records[2].json + "\n")
    }

    @Test("that can't be written says so, and is tried again")
    func failure() async throws {
        let inside = folder.file("later/decisions.jsonl")
        let sink = FileSink(path: inside)
        let error = await #expect(throws: SinkError.self) { try await sink.deliver(records) }
        #expect("\(try #require(error))".hasPrefix("cannot write '\(inside)': "))
        try FileManager.default.createDirectory(atPath: folder.file("later"), withIntermediateDirectories: true)
        try await sink.deliver(records)
        #expect(ids(folder.text("later/decisions.jsonl")) == records.map(\.id))
    }
}
