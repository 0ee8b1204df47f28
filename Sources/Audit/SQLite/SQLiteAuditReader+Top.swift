extension SQLiteAuditReader {
    package func top(_ key: TopKey, _ filter: AuditFilter, limit: Int) async throws -> AuditTop {
        let tally = try await tally(filter, by: key.column, hasVerdicts: key == .rule)
        guard key == .rule else {
            return .groups(Array(AuditStats.GroupCount.busiest(tally?.records.groups ?? [:]).prefix(limit)))
        }
        return .rules(Array((tally?.verdicts.rules ?? []).prefix(limit)))
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
