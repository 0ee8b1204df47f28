import Foundation

/// Tables that are partitioned by time.
enum PostgresPartition {
    static let tables = ["record", "verdict", "content"]

    /// Makes the partitions of some months where there are none.
    ///
    /// Attached, not created in place: readers and writers of other partitions go on meanwhile.
    static func make(_ months: Set<PostgresMonth>, _ connection: PostgresConnection) throws(PostgresFailure) {
        try connection.run("BEGIN; SELECT \(PostgresSchema.lock)")
        for month in months.sorted() {
            for table in tables {
                let name = "\(table)_\(month.name)"
                let row = try connection.run("SELECT to_regclass('gatehouse.\(name)')::text AS name").first?.rows.first
                let known: String? = row?["name"]
                guard known == nil else { continue }
                try connection.run(
                    """
                    CREATE TABLE \(name) (LIKE \(table));
                    ALTER TABLE \(table) ATTACH PARTITION \(name) FOR VALUES FROM (\(month.start)) TO (\(month.next.start))
                    """
                )
            }
        }
        try connection.run("COMMIT")
    }

    /// Drops the partitions of months before this one that have no record any more.
    static func dropEmpty(_ connection: PostgresConnection) throws(PostgresFailure) {
        let past = try connection.run(
            #"""
            SELECT substr(relname, length('record_') + 1) AS month FROM pg_inherits JOIN pg_class ON oid = inhrelid
            WHERE inhparent = 'gatehouse.record'::regclass
                AND substring(pg_get_expr(relpartbound, oid) FROM 'TO \(''(-*[0-9]+)''\)')::bigint <= \#(thisMonth.start)
            """#
        )
        for row in past.first?.rows ?? [] {
            let month: String = row["month"]
            do {
                guard try isEmpty(month, connection) else { continue }
                // Cuts them to nothing, so that looking again takes no time.
                try connection.patiently { connection throws(PostgresFailure) in
                    try connection.run("VACUUM \(names(month))")
                }
                try drop(month, connection)
            } catch let failure where failure.isOfOthers {
                // They are in use, or another gateway dropped them.
            }
        }
    }

    private static var thisMonth: PostgresMonth { PostgresMonth(Date().microseconds) }

    private static func names(_ month: String) -> String {
        tables.map { "\($0)_\(month)" }.joined(separator: ", ")
    }

    private static func isEmpty(_ month: String, _ connection: PostgresConnection) throws(PostgresFailure) -> Bool {
        // By an index: a partition that records were deleted from may begin with a long stretch of nothing.
        let columns = zip(tables, ["sequence", "record", "record"])
        let rows = columns.map { "(SELECT \($1) FROM \($0)_\(month) ORDER BY \($1) LIMIT 1)" }
        let found = try connection.run("SELECT coalesce(\(rows.joined(separator: ", "))) AS record").first?.rows.first
        let record: Int64? = found?["record"]
        return record == nil
    }

    /// Drops the partitions of a month, unless somebody has just put a record there, or they are in use: whoever waits for them
    /// keeps all others from writing, so then they go another time.
    private static func drop(_ month: String, _ connection: PostgresConnection) throws(PostgresFailure) {
        let parents = tables.map { "ONLY \($0)" }.joined(separator: ", ")
        do {
            try connection.run(
                """
                BEGIN; SET LOCAL lock_timeout = '100ms'; SET LOCAL statement_timeout = '1s';
                LOCK TABLE \(parents), \(names(month)) IN ACCESS EXCLUSIVE MODE
                """
            )
            let isEmpty = try isEmpty(month, connection)
            try connection.run(isEmpty ? "DROP TABLE \(names(month)); COMMIT" : "ROLLBACK")
        } catch {
            _ = try? connection.run("ROLLBACK")
            throw error
        }
    }

    /// Removes dead rows of texts and of what is said of decisions; false where somebody's older view of the store kept it from that.
    static func sweep(_ connection: PostgresConnection) throws(PostgresFailure) -> Bool {
        try connection.patiently { connection throws(PostgresFailure) in
            try connection.run("VACUUM content, label")
        }
        let rest = try connection.run(
            """
            SELECT coalesce(sum(n_dead_tup), 0) AS dead FROM pg_stat_all_tables JOIN pg_class ON relid IN (oid, reltoastrelid)
            WHERE oid = 'gatehouse.label'::regclass
                OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'gatehouse.content'::regclass)
            """
        ).first?.rows.first
        return rest?["dead"] == 0
    }
}
