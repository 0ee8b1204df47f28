public import Foundation
import GRDB

/// Writes what people say of decisions into an audit file, also while a gateway writes its records there.
public struct SQLiteAuditLabels: AuditLabels {
    /// Path of the file.
    public let path: String

    private let database: any DatabaseWriter

    /// Opens an existing audit file for labels.
    ///
    /// Blocks for a moment on the file system.
    ///
    /// - Throws: ``AuditError`` when there is no such file or it can't be written.
    public init(path: String) throws(AuditError) {
        let file = AuditFile(path: path)
        try file.checkForReading()
        self.path = path
        database = try file.openBesideRecords(for: "label")
    }

    init(path: String, database: any DatabaseWriter) {
        self.path = path
        self.database = database
    }

    /// Adds a label; returns when it is durable.
    public func add(
        _ finding: AuditLabel.Finding,
        to id: String,
        rule: String?,
        note: String?,
        actor: String,
        time: Date
    ) async throws -> AuditLabel {
        let prefix = try DecisionPrefix(id)
        do {
            return try await database.write { db in
                try AuditLabel.add(db, finding, to: prefix, rule: rule, note: note, actor: actor, time: time)
            }
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}
