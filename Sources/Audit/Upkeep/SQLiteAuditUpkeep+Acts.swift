package import Foundation
import GRDB

extension SQLiteAuditUpkeep {
    /// Keeps that somebody did something; returns when that is durable.
    package func keep(_ draft: AuditActDraft, now: Date) async throws -> AuditAct {
        try await write { db in
            var act = StoredAct(draft, after: try StoredAct.fetchEnd(db), time: now)
            try act.insert(db)
            return try AuditAct(act)
        }
    }

    /// Proves that the store can be written, by counting in a number of the file that nothing else uses.
    ///
    /// A row that is written as it was would be no proof: SQLite leaves such a page alone.
    package func probe() async throws {
        try await write { db in
            let count = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            try db.execute(sql: "PRAGMA user_version = \(count &+ 1)")
        }
    }
}
