/// Why a policy file was left as it is.
public enum PolicyEditError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file can't be read.
    case unreadable(path: String)
    /// The file, or its folder, does not permit writing.
    case notWritable(path: String, reason: String)
    /// Someone else wrote the file in the meantime.
    case changed(path: String)
    /// The file has no rule of that id with thresholds.
    case noSuchRule(id: String)
    /// The values are written in a way that can't be changed by itself.
    case unsupportedLayout(id: String, line: Int)
    /// Changing the values would change something else: an anchor shares them with other rules, for example.
    case wouldChangeMore(id: String)

    /// What was found, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path): "'\(path)' can't be read as UTF-8 text; nothing was written"
        case .notWritable(let path, let reason): "'\(path)' can't be written: \(reason); nothing was written"
        case .changed(let path): "'\(path)' was changed in the meantime; nothing was written, run it again"
        case .noSuchRule(let id): "the file has no rule '\(id)' with thresholds; nothing was written"
        case .unsupportedLayout(let id, let line):
            "the thresholds of '\(id)' are written in a way that can't be edited in place (line \(line)); nothing was "
                + "written; write them as: thresholds: { flag: 0.5, block: 0.8 }"
        case .wouldChangeMore(let id):
            "changing the thresholds of '\(id)' in place would change something else too, such as a rule that shares them "
                + "by an anchor; nothing was written; write the rule's thresholds out"
        }
    }
}
