import Foundation

/// What one part of the benchmark found: a table for people, records for programs.
struct Section {
    var title: String
    /// Heads of the columns behind the first one.
    var columns: [String]
    /// Each with its title and a cell for each column.
    var rows: [[String]] = []
    var notes: [String] = []
    var records: [Record] = []

    /// The table in columns, words to the left and figures to the right.
    var text: String {
        let lines = [[title] + columns] + rows
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        let table = lines.map { line in
            zip(line, widths).enumerated().map { index, cell in
                let gap = String(repeating: " ", count: cell.1 - cell.0.count)
                return index == 0 ? cell.0 + gap : gap + cell.0
            }.joined(separator: "   ")
        }
        return (table + notes.map { "  " + $0 }).joined(separator: "\n") + "\n"
    }

    /// A number with so many decimals.
    static func number(_ value: Double, decimals: Int = 0) -> String { String(format: "%.\(decimals)f", value) }

    static func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }
}
