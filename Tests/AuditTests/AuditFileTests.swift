import Audit
import Foundation
import GRDB
import Testing

@Suite("an audit file that can't be used")
struct AuditFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ path: String) throws -> SQLiteAuditStore {
        try SQLiteAuditStore(path: path, keeper: Fixture.keeper())
    }

    @Test("in a folder that does not exist is named with the folder")
    func missingFolder() {
        let path = folder.file("no/audit.sqlite")
        #expect(throws: AuditError.missingFolder(path: path, folder: folder.file("no"))) { try open(path) }
    }

    @Test("below a file is named with that file as the missing folder")
    func fileAsFolder() throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.file("plain")))
        let path = folder.file("plain/audit.sqlite")
        #expect(throws: AuditError.missingFolder(path: path, folder: folder.file("plain"))) { try open(path) }
    }

    @Test("is no folder")
    func folderAsFile() {
        #expect(throws: AuditError.notAFile(path: folder.path)) { try open(folder.path) }
        #expect(throws: AuditError.notAFile(path: folder.path)) { try SQLiteAuditReader(path: folder.path) }
    }

    @Test("where no file can be made is refused at once")
    func uncreatable() {
        // Nobody, root included, can create a file there.
        #expect { try open("/proc/audit.sqlite") } throws: { error in
            guard case .cannotOpen(path: "/proc/audit.sqlite", _) = error as? AuditError else { return false }
            return true
        }
    }

    @Test("whose log can't be made is refused at once")
    func unwritableLog() throws {
        let path = folder.file()
        try FileManager.default.createDirectory(atPath: path + "-wal", withIntermediateDirectories: true)
        #expect { try open(path) } throws: { error in
            switch error as? AuditError {
            case .cannotOpen(path: path, _), .failed(path: path, _, _): true
            default: false
            }
        }
    }

    @Test("of something else is not touched", arguments: ["hello", String(repeating: "word ", count: 4000)])
    func garbage(text: String) throws {
        let path = folder.file()
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: AuditError.notADatabase(path: path)) { try open(path) }
        #expect(throws: AuditError.notADatabase(path: path)) { try SQLiteAuditReader(path: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(text.utf8))
    }

    @Test("whose pages are garbage is called damaged or no database")
    func damagedPages() throws {
        let path = folder.file()
        try open(path).close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for index in 100..<bytes.count { bytes[index] = 0xA5 }
        try bytes.write(to: URL(fileURLWithPath: path))
        let expected: [AuditError] = [.damaged(path: path), .notADatabase(path: path)]
        #expect { try open(path) } throws: { error in expected.contains { $0 == error as? AuditError } }
        #expect { try SQLiteAuditReader(path: path) } throws: { error in
            expected.contains { $0 == error as? AuditError }
        }
    }

    @Test("of another program's database is not touched")
    func foreignDatabase() throws {
        let path = folder.file()
        let other = try DatabaseQueue(path: path)
        try other.write { db in try db.execute(sql: "CREATE TABLE recipes (id INTEGER)") }
        try other.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(throws: AuditError.notAnAuditFile(path: path)) { try open(path) }
        #expect(throws: AuditError.notAnAuditFile(path: path)) { try SQLiteAuditReader(path: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test("of a newer version says what is unknown")
    func newerSchema() async throws {
        let path = folder.file()
        let store = try open(path)
        try await store.pool.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('9-labels')")
        }
        try store.close()
        #expect(throws: AuditError.newerSchema(path: path, found: ["9-labels"])) { try open(path) }
        #expect(throws: AuditError.newerSchema(path: path, found: ["9-labels"])) { try SQLiteAuditReader(path: path) }
    }

    @Test("that is absent is not made by reading it")
    func absent() {
        let path = folder.file()
        #expect(throws: AuditError.missingFile(path: path)) { try SQLiteAuditReader(path: path) }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("may be empty: an empty file becomes an audit file")
    func empty() async throws {
        let path = folder.file()
        try Data().write(to: URL(fileURLWithPath: path))
        let store = try open(path)
        try await store.record(Fixture.record())
        #expect(try await store.list().entries.count == 1)
    }

    static let codes: [(DatabaseError, AuditError)] = [
        (DatabaseError(resultCode: .SQLITE_READONLY), .notWritable(path: "p")),
        (DatabaseError(resultCode: .SQLITE_READONLY_DIRECTORY), .notWritable(path: "p")),
        (DatabaseError(resultCode: .SQLITE_FULL), .full(path: "p")),
        (DatabaseError(resultCode: .SQLITE_BUSY), .busy(path: "p")),
        (DatabaseError(resultCode: .SQLITE_CORRUPT), .damaged(path: "p")),
        (DatabaseError(resultCode: .SQLITE_NOTADB), .notADatabase(path: "p")),
        (
            DatabaseError(resultCode: .SQLITE_IOERR, message: "disk I/O error"),
            .failed(path: "p", code: 10, message: "disk I/O error")
        ),
    ]

    @Test("is explained by the database's own code", arguments: codes)
    func databaseErrors(error: DatabaseError, expected: AuditError) {
        #expect(AuditError(error, path: "p") == expected)
        let text = expected.description
        #expect(text.contains("'p'"))
        #expect(text.first?.isUppercase == false && !text.hasSuffix("."))
    }
}
