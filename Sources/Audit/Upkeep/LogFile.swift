import Foundation
import GRDB

/// The write-ahead log beside a SQLite file, which keeps what was written until newer records take its place.
struct LogFile {
    private let path: String

    private static let chunkBytes = 1 << 20

    /// - Parameter path: of the SQLite file.
    init(besides path: String) {
        self.path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path + "-wal"
    }

    /// Folds the log into the file and overwrites all of it with zeros; false when readers or writers kept it from that.
    ///
    /// When the log is folded and nobody reads it, nobody will: the next writer begins it anew (SQLite's `walRestartLog`), with other
    /// numbers in its head. So it may be overwritten while the lock of writers is held and the head is still the old one; what a
    /// crash leaves then is no log any more, and everything is in the file.
    func overwrite(_ db: Database) throws -> Bool {
        let old = head
        do {
            try db.checkpoint(.restart)
            try db.beginTransaction(.immediate)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return false
        }
        let isAtRest = head == old
        let result = Result { if isAtRest { try zero() } }
        try db.rollback()
        try result.get()
        return isAtRest
    }

    /// What the log begins with; nil where there is none.
    private var head: Data? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        return try? handle.read(upToCount: 32)
    }

    private func zero() throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        var rest = Int(try handle.seekToEnd())
        try handle.seek(toOffset: 0)
        while rest > 0 {
            let count = min(rest, Self.chunkBytes)
            try handle.write(contentsOf: Data(count: count))
            rest -= count
        }
        try handle.synchronize()
    }
}

extension SQLiteAuditUpkeep {
    /// Folds the log into the file, overwrites it and cuts it to nothing; false when others kept it from being overwritten for the
    /// whole of the wait.
    func emptyLog() async throws -> Bool {
        guard try await overwriteLog() else { return false }
        do {
            try await pool.writeWithoutTransaction { db in
                do {
                    try db.checkpoint(.truncate)
                } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                    // It holds nothing any more; the next one who looks cuts it.
                }
            }
        } catch {
            throw AuditError.of(error, path: path)
        }
        return true
    }

    /// How often is tried to find the log at rest, and how long each time others are waited for and let do their work, in
    /// milliseconds: whoever waits for readers keeps the gateway from writing.
    private static let (attempts, patience) = (25, 200)

    /// Folds the log into the file and overwrites it; false when others kept it from that.
    package func overwriteLog() async throws -> Bool {
        for _ in 0..<Self.attempts {
            do {
                let isDone = try await pool.writeWithoutTransaction { [path] db in
                    try db.execute(sql: "PRAGMA busy_timeout = \(Self.patience)")
                    let result = Result { try LogFile(besides: path).overwrite(db) }
                    try db.execute(sql: "PRAGMA busy_timeout = \(Int(AuditFile.busySeconds * 1000))")
                    return try result.get()
                }
                if isDone { return true }
            } catch {
                throw AuditError.of(error, path: path)
            }
            try await Task.sleep(for: .milliseconds(Self.patience))
        }
        return false
    }
}
