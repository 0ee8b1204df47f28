package import Foundation
import GRDB

/// Looks after an audit file from outside the gateway, which may be writing it at the same time.
package final class SQLiteAuditUpkeep: AuditUpkeep {
    /// Path of the file.
    package let path: String

    let pool: DatabasePool
    let keys: AuditTextKeys

    /// Asks over the same connections.
    var reader: SQLiteAuditReader { SQLiteAuditReader(path: path, database: pool, keys: keys) }

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

    /// Signs where the chain ends; gives the newest checkpoint where nothing was recorded after it.
    package func checkpoint(key: AuditSigningKey, now: Date) async throws -> [Checkpoint] {
        [try await write { db in try Checkpoint.sign(db, key: key, time: now) }]
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            return try await pool.write(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}
