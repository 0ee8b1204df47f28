/// Why a gateway's control socket can't be opened or reached.
public enum ControlError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path is longer than the system allows for a socket.
    case pathTooLong(path: String, limit: Int)
    /// Another process answers there.
    case taken(path: String)
    /// Something that is no socket is there.
    case notASocket(path: String)
    /// The system does not let the socket be made.
    case cannotOpen(path: String, reason: String)
    /// Nobody answers there.
    case noGateway(path: String)
    /// The system does not let the socket be reached.
    case notPermitted(path: String)
    /// What came back is no answer of a gateway.
    case unreadableAnswer(path: String)

    /// What was found and what to do.
    public var description: String {
        switch self {
        case .pathTooLong(let path, let limit):
            "the control socket '\(path)' has a path of \(path.utf8.count) bytes, and the system allows \(limit); give a"
                + " shorter one with --control, or none with --control ''"
        case .taken(let path):
            "another gateway answers on the control socket '\(path)'; stop it, or give this one a socket of its own with"
                + " --control"
        case .notASocket(let path):
            "'\(path)' is there already and is no socket; move it away, or give another path with --control"
        case .cannotOpen(let path, let reason):
            "can't open the control socket '\(path)': \(reason); its folder must exist and be writable, or give another"
                + " path with --control"
        case .noGateway(let path):
            "no gateway answers on '\(path)'; start one with 'gatehouse serve', or name its socket with --control (it is"
                + " gatehouse.sock beside the audit file)"
        case .notPermitted(let path):
            "this user may not use the control socket '\(path)'; only the user that runs the gateway may"
        case .unreadableAnswer(let path):
            "what answers on '\(path)' is no gateway of this version"
        }
    }
}
