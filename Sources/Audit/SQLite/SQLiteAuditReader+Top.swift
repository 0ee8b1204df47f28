import GRDB

extension SQLiteAuditReader {
    package func top(_ key: TopKey, _ filter: AuditFilter, limit: Int) async throws -> AuditTop {
        try await read { db in
            let conditions = try Conditions(filter, db)
            try db.checkColumn(key.column)
            let records = try RecordTally(db, conditions, by: key.column)
            guard key == .rule else {
                return .groups(Array(AuditStats.GroupCount.busiest(records.groups).prefix(limit)))
            }
            let rules = try records.places.map { try VerdictTally(db, $0).rules } ?? []
            return .rules(Array(rules.prefix(limit)))
        }
    }
}

extension TopKey {
    /// The column of the table of records.
    var column: String {
        switch self {
        case .tenant, .client, .conversation, .route, .model, .dialect, .direction: rawValue
        case .policy: "policy_revision"
        case .rule: "outcome"
        }
    }
}
