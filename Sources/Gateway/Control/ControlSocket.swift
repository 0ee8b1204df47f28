import Foundation

/// The place of a Unix domain socket that only its owner may use.
///
/// The socket is made in a folder that nobody else can enter and then moved to its path: there is no moment in which others
/// could connect, nor one in which a stale socket is gone and the new one not there.
struct ControlSocket: Sendable {
    let path: String

    /// Longest path of a socket, in bytes (`sun_path` less its end).
    static let maxPathBytes = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    private var folder: String { (path as NSString).deletingLastPathComponent }
    private var privateFolder: String {
        (folder as NSString).appendingPathComponent(".gh-\(ProcessInfo.processInfo.processIdentifier)")
    }

    /// Where the socket is made.
    var temporaryPath: String { privateFolder + "/s" }

    /// Makes the private folder, unless the path is somebody else's.
    ///
    /// Blocks for a moment on the file system.
    func prepare() throws(ControlError) {
        guard max(path.utf8.count, temporaryPath.utf8.count) <= Self.maxPathBytes else {
            throw .pathTooLong(path: path, limit: Self.maxPathBytes)
        }
        if let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType {
            guard type == .typeSocket else { throw .notASocket(path: path) }
            if isAnswered { throw .taken(path: path) }
        }
        do {
            try? FileManager.default.removeItem(atPath: privateFolder)
            try FileManager.default.createDirectory(
                atPath: privateFolder,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .cannotOpen(path: path, reason: "no file can be made in '\(folder.isEmpty ? "." : folder)'")
        }
    }

    /// Moves the socket to its path.
    ///
    /// - Returns: what tells it from one that another gateway puts there later.
    func publish() throws(ControlError) -> Int? {
        guard chmod(temporaryPath, 0o600) == 0, rename(temporaryPath, path) == 0 else {
            throw .cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        try? FileManager.default.removeItem(atPath: privateFolder)
        return identity
    }

    /// Takes the socket away, unless it is another gateway's by now: one that starts while this one comes to its end.
    ///
    /// - Parameter published: what ``publish()`` returned; nil when it was not asked.
    func remove(_ published: Int?) {
        try? FileManager.default.removeItem(atPath: privateFolder)
        if let published, published == identity { unlink(path) }
    }

    private var identity: Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.systemFileNumber] as? Int
    }

    /// Whether a process takes connections there.
    private var isAnswered: Bool {
        #if canImport(Darwin)
            let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #else
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) == 0 }
        }
    }
}
