/// How exported records are written.
public enum ExportFormat: String, Sendable, Codable, Hashable, CaseIterable {
    /// One JSON object a line.
    case jsonl
    /// Comma-separated values with a heading in each part.
    case csv

    var list: ListFormat {
        switch self {
        case .jsonl: .jsonl
        case .csv: .csv
        }
    }
}
