package import Foundation
package import GRDB

/// Reads an audit file; never writes to it and never creates one.
///
/// The gateway may be writing the file at the same time. Each question sees the records of one moment.
package struct SQLiteAuditReader: StoreReading {
    /// Path of the file.
    package let path: String

    let database: any DatabaseReader
    package let keys: AuditTextKeys

    /// Opens an existing audit file for reading.
    ///
    /// Blocks for a moment on the file system.
    ///
    /// - Parameter keys: what kept texts are encrypted with.
    /// - Throws: ``AuditError`` when there is no such file or it can't be read.
    package init(path: String, keys: AuditTextKeys = AuditTextKeys()) throws(AuditError) {
        let file = AuditFile(path: path, keys: keys)
        try file.checkForReading()
        self.init(path: path, database: try file.openForReading(), keys: keys)
    }

    init(path: String, database: any DatabaseReader, keys: AuditTextKeys) {
        self.path = path
        self.database = database
        self.keys = keys
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await database.read(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}

extension SQLiteAuditReader {
    package func verify(_ evidence: ChainEvidence) async throws -> ChainReport {
        try await read { db in try ChainVerification.report(db, evidence, keys: keys) }
    }

    package func stats(_ filter: AuditFilter) async throws -> AuditStats {
        AuditStats(try await tally(filter, by: "tenant", hasVerdicts: true))
    }

    package func scan(since: Date?, until: Date?, hasScreenScores: Bool) async throws -> any RecordedScan {
        try SQLiteRecordedScan(path: path, since: since, until: until, hasScreenScores: hasScreenScores)
    }
}
