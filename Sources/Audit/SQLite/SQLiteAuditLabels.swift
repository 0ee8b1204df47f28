public import Foundation
import GRDB
import Moderation

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
        let entry = try await SQLiteAuditReader(path: path, database: database, keys: AuditTextKeys()).entry(id)
        if let rule, !entry.decision.verdicts.contains(where: { $0.rule == rule }) {
            throw AuditError.badValue(
                of: "a rule that was evaluated for this decision",
                found: rule,
                expected: "one of " + entry.decision.verdicts.map(\.rule).joined(separator: ", ")
            )
        }
        let label = AuditLabel(
            decision: entry.decision.id.description,
            finding: finding,
            rule: rule,
            note: note,
            actor: actor,
            time: Date(microseconds: time.microseconds)
        )
        do {
            try await database.write { db in
                try StoredLabel(label, record: Int64(entry.sequence), after: StoredLabel.fetchEnd(db)).insert(db)
            }
        } catch {
            throw AuditError.of(error, path: path)
        }
        return label
    }
}

extension SQLiteAuditReader {
    /// What was said of a decision, oldest first.
    public func labels(of entry: AuditEntry) async throws -> [AuditLabel] {
        try await read { db in
            guard try db.tableExists("label") else { return [] }
            return try AuditLabel.fetch(db, of: entry)
        }
    }

    /// Gives every record that was labelled and passes a filter, in order of recording, with its labels and, for an answer, the
    /// prompt's record.
    public func labelled(
        _ filter: AuditFilter,
        _ body: @escaping @Sendable (AuditEntry, _ prompt: AuditEntry?, [AuditLabel]) throws -> Void
    ) async throws {
        try await read { db in
            guard try db.tableExists("label") else { return }
            var conditions = try Conditions(filter, db)
            conditions.add("r.sequence IN (SELECT record FROM label)", [])
            let sql = "SELECT r.* FROM record r\(conditions.clause) ORDER BY r.sequence"
            let rows = try Row.fetchCursor(db, sql: sql, arguments: conditions.arguments)
            while let row = try rows.next() {
                let entry = try AuditEntry(ChainedRecord(row, db), keys: keys)
                let isAnswer = entry.decision.direction == .response
                let prompt = isAnswer ? try AuditEntry.prompt(db, of: entry.requestID, keys: keys) : nil
                try body(entry, prompt, try AuditLabel.fetch(db, of: entry))
            }
        }
    }
}

extension AuditLabel {
    fileprivate static func fetch(_ db: Database, of entry: AuditEntry) throws -> [AuditLabel] {
        let statement = try db.cachedStatement(
            sql: "SELECT finding, rule, note, actor, time FROM label WHERE record = ? ORDER BY id"
        )
        return try Row.fetchAll(statement, arguments: [entry.sequence]).map { row in
            guard let finding = Finding(rawValue: row["finding"]) else {
                throw AuditError.unreadableRecord(id: entry.decision.id.description)
            }
            return AuditLabel(
                decision: entry.decision.id.description,
                finding: finding,
                rule: row["rule"],
                note: row["note"],
                actor: row["actor"],
                time: Date(microseconds: row["time"])
            )
        }
    }
}

extension AuditEntry {
    /// The record of what was asked in a request.
    fileprivate static func prompt(_ db: Database, of requestID: String, keys: AuditTextKeys) throws -> AuditEntry? {
        let statement = try db.cachedStatement(
            sql: "SELECT * FROM record WHERE request_id = ? AND direction = 'prompt' ORDER BY sequence LIMIT 1"
        )
        return try Row.fetchOne(statement, arguments: [requestID]).map {
            try AuditEntry(ChainedRecord($0, db), keys: keys)
        }
    }
}
