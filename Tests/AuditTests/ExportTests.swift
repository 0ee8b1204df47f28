import Audit
import Crypto
import Foundation
import Moderation
import Synchronization
import Testing

@Suite("an export")
struct ExportTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore
    let reader: SQLiteAuditReader

    private var target: ExportFolder { ExportFolder(path: folder.file("out")) }

    init() async throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        for index in 0..<10 {
            let verdicts = [Fixture.verdict("house-words", index.isMultiple(of: 2) ? .allow : .block)]
            try await store.record(Fixture.record(at: Double(index), verdicts: verdicts, requestID: "\(index)"))
        }
        reader = try SQLiteAuditReader(path: folder.file())
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: target.path + "/" + name, encoding: .utf8)
    }

    private func requests(_ names: [String]) throws -> [String] {
        try names.flatMap { try text($0).split(separator: "\n") }
            .map { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return try #require(object?["request_id"] as? String)
            }
    }

    @Test("is parts in the order of recording, and a manifest that says what is in them")
    func parts() async throws {
        let manifest = try await AuditExport(reader).begin(target, FilterWords(), ExportPlan(partRecords: 4))
        #expect(manifest.parts.map(\.name) == ["part-000001.jsonl", "part-000002.jsonl", "part-000003.jsonl"])
        #expect(manifest.parts.map(\.records) == [4, 4, 2])
        #expect(manifest.parts.map(\.first.sequence) == [1, 5, 9])
        #expect(manifest.parts.map(\.last.sequence) == [4, 8, 10])
        let newest = try #require(try await store.list().entries.first)
        #expect(manifest.parts.last?.last.hash == newest.hash)
        #expect(manifest.complete)
        #expect(try requests(manifest.parts.map(\.name)) == (0..<10).map(String.init))
        for part in manifest.parts {
            let data = Data(try text(part.name).utf8)
            #expect(part.bytes == data.count)
            #expect(part.sha256 == SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined())
        }
        let check = try target.check()
        #expect(check.isSound && check.records == 10 && check.parts == 3, "\(check)")
        let permissions = try FileManager.default.attributesOfItem(atPath: target.path + "/part-000001.jsonl")
        #expect(permissions[.posixPermissions] as? Int == 0o600)
    }

    @Test("has texts only where they are asked for", arguments: ExportFormat.allCases)
    func content(format: ExportFormat) async throws {
        let name = "part-000001.\(format.rawValue)"
        _ = try await AuditExport(reader).begin(target, FilterWords(), ExportPlan(format: format))
        #expect(try !text(name).contains("good morning"))
        #expect(try !text(name).contains("\"digest\":"))
        let other = ExportFolder(path: folder.file("texts"))
        let plan = ExportPlan(format: format, hasContent: true)
        _ = try await AuditExport(reader).begin(other, FilterWords(), plan)
        let text = try String(contentsOfFile: other.path + "/" + name, encoding: .utf8)
        #expect(text.components(separatedBy: "good morning").count == 11)
    }

    @Test("as comma-separated values has a heading in each part")
    func heading() async throws {
        let plan = ExportPlan(format: .csv, partRecords: 5)
        let manifest = try await AuditExport(reader).begin(target, FilterWords(), plan)
        for part in manifest.parts {
            let lines = try text(part.name).split(separator: "\n")
            #expect(lines.count == 6)
            #expect(lines[0].hasPrefix("id,time,direction,"))
        }
    }

    @Test("holds the records that pass the filter")
    func filter() async throws {
        var words = FilterWords()
        words.outcomes = ["block"]
        words.until = "2026-01-31T14:30:12Z"
        let manifest = try await AuditExport(reader).begin(target, words, ExportPlan(partRecords: 2))
        #expect(try requests(manifest.parts.map(\.name)) == ["1", "3", "5"])
        words.since = "sometime"
        await #expect(throws: AuditError.badTime("sometime")) {
            try await AuditExport(reader).begin(ExportFolder(path: folder.file("other")), words, ExportPlan())
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("other")))
    }

    @Test("of nothing is whole too")
    func empty() async throws {
        var words = FilterWords()
        words.tenant = "nobody"
        let manifest = try await AuditExport(reader).begin(target, words, ExportPlan())
        #expect(manifest.parts.isEmpty && manifest.complete)
        #expect(try target.check().isSound)
    }

    @Test("goes on where it was interrupted, without what came since", arguments: 0...4)
    func resume(pages: Int) async throws {
        let whole = ExportFolder(path: folder.file("whole"))
        var words = FilterWords()
        words.since = "9000d"
        let plan = ExportPlan(partRecords: 2)
        let expected = try await AuditExport(reader).begin(whole, words, plan)
        await #expect(throws: Interrupted.Interruption.self) {
            try await AuditExport(Interrupted(reader, after: pages)).begin(target, words, plan)
        }
        let check = try target.check()
        #expect(!check.isComplete && check.parts < 5)
        #expect(check.problems.allSatisfy { $0.hasSuffix("is what an interrupted export left") }, "\(check)")
        try await store.record(Fixture.record(at: 10, requestID: "later"))
        let manifest = try await AuditExport(reader).resume(target)
        #expect(manifest.parts == expected.parts)
        #expect(manifest.complete)
        #expect(try target.check().isSound)
        #expect(try await AuditExport(reader).resume(target) == manifest)
    }

    @Test("never leaves a piece of a part under the part's name")
    func atomic() async throws {
        let receipts = (0..<700).map { store.take(Fixture.record(at: 20 + Double($0), requestID: "many")) }
        try await receipts.last?.durable()
        let plan = ExportPlan(partRecords: 600)
        await #expect(throws: Interrupted.Interruption.self) {
            try await AuditExport(Interrupted(reader, after: 1)).begin(target, FilterWords(), plan)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: target.path).sorted()
        #expect(names == ["manifest.json", "part-000001.jsonl.partial"])
        #expect(try await AuditExport(reader).resume(target).parts.map(\.records) == [600, 110])
    }

    @Test("finds what was changed, cut off, removed or added")
    func check() async throws {
        _ = try await AuditExport(reader).begin(target, FilterWords(), ExportPlan(partRecords: 2))
        func file(_ place: Int) -> String { target.path + "/part-00000\(place).jsonl" }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file(1)))
        bytes[100] ^= 1
        try bytes.write(to: URL(fileURLWithPath: file(1)))
        try bytes.prefix(50).write(to: URL(fileURLWithPath: file(2)))
        try FileManager.default.removeItem(atPath: file(3))
        try bytes.write(to: URL(fileURLWithPath: file(7)))
        let check = try target.check()
        #expect(!check.isSound)
        #expect(check.problems.count == 4, "\(check)")
        for (problem, beginning) in zip(
            check.problems,
            ["part-000001.jsonl was changed", "part-000002.jsonl has 50 bytes", "part-000003.jsonl is missing"]
        ) { #expect(problem.hasPrefix(beginning)) }
        #expect(check.problems.last == "part-000007.jsonl is not in the manifest")
    }

    @Test("is not gone on with where a part was changed, or the store is another")
    func refusals() async throws {
        let plan = ExportPlan(partRecords: 2)
        await #expect(throws: Interrupted.Interruption.self) {
            try await AuditExport(Interrupted(reader, after: 3)).begin(target, FilterWords(), plan)
        }
        let other = try SQLiteAuditStore(path: folder.file("other.sqlite"), keeper: Fixture.keeper())
        try await other.record(Fixture.record())
        let error = await #expect(throws: AuditError.self) {
            try await AuditExport(SQLiteAuditReader(path: folder.file("other.sqlite"))).resume(target)
        }
        #expect("\(try #require(error))".contains("is not in this store"))
        try Data("x".utf8).write(to: URL(fileURLWithPath: target.path + "/part-000002.jsonl"))
        await #expect(throws: AuditError.self) { try await AuditExport(reader).resume(target) }
        // Nor is anything written over.
        await #expect(throws: AuditError.self) { try await AuditExport(reader).begin(target, FilterWords(), plan) }
    }

    @Test("may be one file, which appears when it is whole")
    func file() async throws {
        let path = folder.file("all.csv")
        var words = FilterWords()
        words.outcomes = ["block"]
        let plan = ExportPlan(format: .csv)
        await #expect(throws: Interrupted.Interruption.self) {
            try await AuditExport(Interrupted(reader, after: 0)).write(path, words, plan)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        let (records, sha256) = try await AuditExport(reader).write(path, words, plan)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(records == 5)
        #expect(String(decoding: data, as: UTF8.self).split(separator: "\n").count == 6)
        #expect(sha256 == SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined())
        await #expect(throws: AuditError.self) { try await AuditExport(reader).write(path, words, plan) }
    }
}

/// Gives some pages of a store, and then fails.
private final class Interrupted: AuditFollowing {
    struct Interruption: Error {}

    private let store: SQLiteAuditReader
    private let pages: Mutex<Int>

    init(_ store: SQLiteAuditReader, after pages: Int) {
        self.store = store
        self.pages = Mutex(pages)
    }

    func position() async throws -> AuditPosition { try await store.position() }

    func records(after position: AuditPosition, _ filter: AuditFilter, limit: Int) async throws -> AuditStretch {
        let isOver = pages.withLock { pages in
            pages -= 1
            return pages < 0
        }
        if isOver { throw Interruption() }
        return try await store.records(after: position, filter, limit: limit)
    }
}
