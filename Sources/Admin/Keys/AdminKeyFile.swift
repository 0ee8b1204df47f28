import Audit
public import Foundation

/// The file with what is kept of the admin keys; its owner alone may read it.
///
/// Revoked keys stay in it, so that it tells who could do what, and when.
public struct AdminKeyFile: Sendable {
    /// Path of the file.
    public let path: String

    /// What the file holds.
    struct Contents: Codable {
        static let version = 1

        var version = Self.version
        var keys: [AdminKey] = []
    }

    /// A file that is there, or will be.
    public init(path: String) { self.path = path }

    /// All keys, the oldest first; revoked and expired ones too.
    ///
    /// - Throws: ``AdminError/missingFile(path:)``, ``AdminError/unusableFile(path:reason:)``.
    public func keys() throws(AdminError) -> [AdminKey] { try read().keys }

    /// Makes a key, and the file where it is absent.
    ///
    /// - Parameters:
    ///   - name: whose it is.
    ///   - role: what its holder may do.
    ///   - expires: from when on it opens nothing; nil for never.
    ///   - actor: who makes it.
    /// - Returns: the key in clear, which is kept nowhere.
    /// - Throws: ``AdminError``.
    public func create(
        name: String,
        role: AdminRole,
        expires: Date? = nil,
        by actor: String,
        now: Date = Date()
    ) throws(AdminError) -> String {
        guard PlainName.accepts(name) else { throw .badName(name) }
        if let expires, expires <= now { throw .expired(expires.formatted(.iso8601)) }
        let secret = AdminSecret()
        try change(mayCreate: true) { contents throws(AdminError) in
            if contents.keys.contains(where: { $0.name == name && $0.state(at: now) == .active }) {
                throw .taken(name: name)
            }
            contents.keys.append(
                AdminKey(
                    name: name,
                    role: role,
                    hash: AdminKeyHash(secret),
                    created: now,
                    createdBy: actor,
                    expires: expires
                )
            )
        }
        return secret.text
    }

    /// Takes somebody's key back.
    ///
    /// - Throws: ``AdminError``.
    public func revoke(name: String, by actor: String, now: Date = Date()) throws(AdminError) {
        try change(mayCreate: false) { contents throws(AdminError) in
            let active = contents.keys.indices.filter { contents.keys[$0].state(at: now) == .active }
            guard let place = active.first(where: { contents.keys[$0].name == name }) else {
                throw .unknownKey(name: name, known: active.map { contents.keys[$0].name })
            }
            contents.keys[place].revoked = now
            contents.keys[place].revokedBy = actor
        }
    }

    /// Changes what the file holds; two commands at the same time wait for each other, and a reader sees all or nothing of it.
    private func change(
        mayCreate: Bool,
        _ body: (inout Contents) throws(AdminError) -> Void
    ) throws(AdminError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else {
            throw .unusableFile(path: path, reason: "its folder '\(folder)' can't be opened: \(Self.reason)")
        }
        defer { close(lock) }
        guard flock(lock, LOCK_EX) == 0 else { throw .unusableFile(path: path, reason: Self.reason) }
        var contents: Contents
        do {
            contents = try read()
        } catch .missingFile(_) where mayCreate {
            contents = Contents()
        }
        try body(&contents)
        try write(contents)
    }

    private func read() throws(AdminError) -> Contents {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw .missingFile(path: path) }
            throw .unusableFile(path: path, reason: Self.reason)
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unusableFile(path: path, reason: Self.reason) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unusableFile(path: path, reason: "it is not a file") }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw .unusableFile(path: path, reason: "others may use it (mode \(mode)); run: chmod 600 \(path)")
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let data = try? handle.readToEnd() ?? Data(),
            let contents = try? decoder.decode(Contents.self, from: data)
        else {
            let reason =
                "it is not what 'gatehouse admin key create' writes; restore a copy, or move it away and make new keys"
            throw .unusableFile(path: path, reason: reason)
        }
        guard contents.version == Contents.version else {
            throw .unusableFile(path: path, reason: "a newer version of this program wrote it; use that version")
        }
        return contents
    }

    private func write(_ contents: Contents) throws(AdminError) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let new = path + ".new"
        // What a command that was killed left behind.
        unlink(new)
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unusableFile(path: path, reason: Self.reason) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: try encoder.encode(contents) + Data("\n".utf8))
            try handle.synchronize()
        } catch {
            unlink(new)
            throw .unusableFile(path: path, reason: "it can't be written")
        }
        guard rename(new, path) == 0 else { throw .unusableFile(path: path, reason: Self.reason) }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
