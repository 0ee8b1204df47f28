import Foundation
import Moderation

extension StoreReading {
    /// What else was decided in the same conversation, oldest first; of the same request where the record is of none.
    ///
    /// - Parameter reach: how many at most before the record, and after it.
    package func neighbours(of entry: AuditEntry, reach: Int) async throws -> [AuditNeighbour] {
        try await read { db in
            let (column, name) =
                entry.conversation.map { ("conversation", $0) } ?? ("request_id", entry.requestID)
            func fetch(_ comparison: String, _ order: String) throws -> [AuditNeighbour] {
                let sql = """
                    SELECT sequence, id, time, direction, result FROM record
                    WHERE \(column) = ? AND sequence \(comparison) ? ORDER BY sequence \(order) LIMIT \(max(0, reach))
                    """
                return try db.rows(sql, [name, entry.place]).map { try AuditNeighbour($0) }
            }
            return try fetch("<", "DESC").reversed() + fetch(">", "ASC")
        }
    }
}

extension AuditNeighbour {
    fileprivate init(_ row: some ColumnReading) throws {
        let id: String = row["id"]
        guard let direction = Direction(rawValue: row["direction"]), let result = AuditResult(rawValue: row["result"])
        else { throw AuditError.unreadableRecord(id: id) }
        self.init(
            sequence: row["sequence"],
            id: id,
            time: Date(microseconds: row["time"]),
            direction: direction,
            result: result
        )
    }
}
