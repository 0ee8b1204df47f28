/// Why records could not be handed over, or a sink can't be used.
///
/// Never carries any part of a record, nor a secret.
public enum SinkError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file can't be written.
    case cannotWrite(path: String, reason: String)
    /// The webhook answered with something else than 2xx.
    case refused(status: Int)
    /// The server could not be reached, or said nothing in time; `reason` is the kind of error.
    case unreachable(reason: String)
    /// Redis said no; `code` is the first word of what it said.
    case redis(code: String)
    /// What came from the server is not Redis's protocol.
    case notRedis
    /// A secret is not where the settings say.
    case noSecret(sink: String, setting: String, reason: String)

    /// What was found and what to do.
    public var description: String {
        switch self {
        case .cannotWrite(let path, let reason):
            "cannot write '\(path)': \(reason); check the folder, its permissions and the disk"
        case .refused(let status): "the webhook answered \(status); expected 2xx"
        case .unreachable(let reason): "the server can't be reached: \(reason)"
        case .redis(let code): "Redis answered \(code); check its user, its memory and the kind of the key"
        case .notRedis: "the server doesn't speak Redis's protocol; check host and port"
        case .noSecret(let sink, let setting, let reason):
            "the secret '\(setting)' of the sink '\(sink)' can't be used: \(reason)"
        }
    }
}
