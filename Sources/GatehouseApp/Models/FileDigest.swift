import Crypto
import Foundation

/// SHA-256 of files.
enum FileDigest {
    /// Lower-case hexadecimal SHA-256 of a file's content.
    ///
    /// Blocks while it reads.
    ///
    /// - Throws: ``ModelError/unreadableFile(path:reason:)``.
    static func sha256(path: String) throws(ModelError) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
        }
        defer { try? file.close() }
        var hash = SHA256()
        do {
            while let data = try file.read(upToCount: 1 << 20), !data.isEmpty { hash.update(data: data) }
        } catch {
            throw .unreadableFile(path: path, reason: "reading stopped before the end")
        }
        return hash.finalize().map { byte in
            let hex = String(byte, radix: 16)
            return hex.count == 1 ? "0" + hex : hex
        }.joined()
    }
}
