/// Why labelled texts could not be used.
public enum TuningError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file can't be opened or is damaged.
    case unreadableFile(path: String, reason: String)
    /// A line is not a row of the data format.
    case malformedRow(path: String, line: Int)
    /// A row has no text, or doesn't say in a known way whether it violates.
    case malformedLabelledText(path: String, row: Int)

    /// What was found, and what was expected.
    public var description: String {
        switch self {
        case .unreadableFile(let path, let reason):
            "can't read '\(path)': \(reason)"
        case .malformedRow(let path, let line):
            "\(path):\(line): not a row of the data format; "
                + "expected one JSON object a line with id, kind, text, labels and unsafe"
        case .malformedLabelledText(let path, let row):
            "\(path): row \(row) is not a labelled text; expected one JSON object a line, either a row as `gatehouse eval` "
                + "reads it or {\"text\": ..., \"violates\": true or false}; records as `gatehouse audit export --content` writes "
                + "them do for harmless texts only, since they don't say what is right"
        }
    }
}
