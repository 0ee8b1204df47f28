import Audit
import Foundation
import GRDB
import Moderation
import Testing

@Suite("records that the store can't take")
struct SpillTests {
    let folder: TemporaryFolder
    private let long = String(repeating: "word ", count: 20000)

    init() throws { folder = try TemporaryFolder() }

    private var spill: String { folder.file() + ".spill" }

    private var hasSpill: Bool { FileManager.default.fileExists(atPath: spill) }

    private func open(_ mode: ContentMode = .full, spills: Bool = true) throws -> SQLiteAuditStore {
        try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper(mode), spills: spills)
    }

    /// Leaves the file no room for a long text, or all that it wants.
    private func limit(_ store: SQLiteAuditStore, isTight: Bool) async throws {
        try await store.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(isTight ? pages + 2 : 1_000_000)")
        }
    }

    /// A store with one record, and two more beside it.
    private func spilled(_ mode: ContentMode = .full) async throws -> SQLiteAuditStore {
        let store = try open(mode)
        try await store.record(Fixture.record(requestID: "1"))
        try await limit(store, isTight: true)
        for place in 2...3 {
            let text = "strawberry \(long)"
            try await store.record(Fixture.record(at: Double(place), requestID: "\(place)", text: text))
        }
        return store
    }

    private func requests(_ store: SQLiteAuditStore) async throws -> [String] {
        try await store.list().entries.sorted { $0.sequence < $1.sequence }.map(\.requestID)
    }

    @Test("go to a file of the owner's beside it, and into the chain, before newer ones, when it works again")
    func replay() async throws {
        let store = try await spilled()
        #expect(store.counts.spilled == 2 && store.counts.failures == 0)
        #expect(try FileManager.default.attributesOfItem(atPath: spill)[.posixPermissions] as? Int == 0o600)
        #expect(try await requests(store) == ["1"])
        try await limit(store, isTight: false)
        try await store.record(Fixture.record(at: 4, requestID: "4"))
        #expect(try await requests(store) == ["1", "2", "3", "4"])
        #expect(!hasSpill && store.counts.spilled == 0 && store.counts.records == 4)
        let report = try await store.verify()
        #expect(report.records == 4 && report.fault == nil)
        #expect(try await store.list().entries.first { $0.sequence == 2 }?.content.first?.text?.hasSuffix(long) == true)
    }

    @Test("are put into it when it is opened again, also where nothing is spilled any more", arguments: [true, false])
    func restart(spills: Bool) async throws {
        try await spilled().close()
        #expect(hasSpill)
        let store = try open(spills: spills)
        try await store.record(Fixture.record(at: 4, requestID: "4"))
        #expect(try await requests(store) == ["1", "2", "3", "4"])
        #expect(!hasSpill)
    }

    @Test("are put into it when it is closed")
    func closing() async throws {
        let store = try await spilled()
        try await limit(store, isTight: false)
        try store.close()
        #expect(!hasSpill)
        #expect(try await SQLiteAuditReader(path: folder.file()).verify().records == 3)
    }

    @Test("are in it once, though the program ended before it could remove the file")
    func twice() async throws {
        let store = try await spilled()
        let copy = try Data(contentsOf: URL(fileURLWithPath: spill))
        try await limit(store, isTight: false)
        try store.close()
        try copy.write(to: URL(fileURLWithPath: spill))
        let again = try open()
        try await again.record(Fixture.record(at: 4, requestID: "4"))
        #expect(try await requests(again) == ["1", "2", "3", "4"])
        #expect(!hasSpill)
        #expect(try await again.verify().fault == nil)
    }

    @Test("lose nothing but a line that was never finished")
    func unfinished() async throws {
        try await spilled().close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: spill))
        try (whole + Data("{\"id\":".utf8)).write(to: URL(fileURLWithPath: spill))
        let store = try open()
        try store.close()
        #expect(try await SQLiteAuditReader(path: folder.file()).verify().records == 3)
        try Data("{\"id\":".utf8).write(to: URL(fileURLWithPath: spill))
        try open().close()
        #expect(!hasSpill)
    }

    @Test("that can't be read back are named, and kept")
    func damaged() async throws {
        try await spilled().close()
        let whole = try String(contentsOfFile: spill, encoding: .utf8)
        let lines = whole.split(separator: "\n")
        try Data("\(lines[0])\n{}\n\(lines[1])\n".utf8).write(to: URL(fileURLWithPath: spill))
        #expect(throws: AuditError.damagedSpill(path: spill, line: 2)) { try open() }
        #expect(hasSpill)
    }

    @Test("hold no more of a text beside it than in it")
    func content() async throws {
        // A masked text, which is what the operator chose to keep.
        _ = try await spilled(.redacted)
        let text = try String(contentsOfFile: spill, encoding: .utf8)
        #expect(text.contains("[FRUIT]") && !text.contains("strawberry"))
    }

    @Test("are an error where they can't go beside it either")
    func nowhere() async throws {
        let store = try open()
        try await store.record(Fixture.record())
        try await limit(store, isTight: true)
        try FileManager.default.createDirectory(atPath: spill, withIntermediateDirectories: true)
        await #expect(throws: AuditError.full(path: folder.file())) {
            try await store.record(Fixture.record(at: 1, text: long))
        }
        #expect(store.counts.failures == 1 && store.counts.spilled == 0)
    }
}
