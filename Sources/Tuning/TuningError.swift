/// Why labelled texts could not be used.
public enum TuningError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file can't be opened or is damaged.
    case unreadableFile(path: String, reason: String)
    /// A line is not a row of the data format.
    case malformedRow(path: String, line: Int)

    /// What was found, and what was expected.
    public var description: String {
        switch self {
        case .unreadableFile(let path, let reason):
            "can't read '\(path)': \(reason)"
        case .malformedRow(let path, let line):
            "\(path):\(line): not a row of the data format; "
                + "expected one JSON object a line with id, kind, text, labels and unsafe"
        }
    }
}
