package import Foundation
package import GRDB

/// Looks after an audit file from outside the gateway, which may be writing it at the same time.
package final class SQLiteAuditUpkeep: StoreUpkeep {
    /// Path of the file.
    package let path: String

    let pool: DatabasePool
    package let keys: AuditTextKeys

    /// Asks over the same connections.
    package var reader: SQLiteAuditReader { SQLiteAuditReader(path: path, database: pool, keys: keys) }

    /// Opens an existing audit file and brings its schema up to date.
    ///
    /// Blocks on the file system.
    ///
    /// - Parameter keys: what kept texts are encrypted with.
    /// - Throws: ``AuditError`` when there is no such file or it can't be written.
    package init(path: String, keys: AuditTextKeys = AuditTextKeys(), now: Date = Date()) throws(AuditError) {
        let file = AuditFile(path: path, keys: keys)
        try file.checkForReading()
        self.path = path
        self.keys = keys
        pool = try file.openForWriting(at: now)
    }

    init(path: String, pool: DatabasePool, keys: AuditTextKeys) {
        self.path = path
        self.keys = keys
        self.pool = pool
    }

    package func write<Value: Sendable>(
        _ chain: ChainScope,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.write(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw AuditError.of(error, path: path)
        }
    }

    /// Proves that the store can be written, by counting in a number of the file that nothing else uses.
    ///
    /// A row that is written as it was would be no proof: SQLite leaves such a page alone.
    package func probe() async throws {
        try await write(.only) { db in
            let count = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            try db.execute(sql: "PRAGMA user_version = \(count &+ 1)")
        }
    }

    package func finishDeletion() async throws { try await write(.only) { db in try Facet.forgetPruned(db) } }

    /// Folds the log into the file, overwrites it and cuts it to nothing; in the file what was removed is overwritten at once.
    package func sweep() async throws -> Bool { try await emptyLog() }
}
