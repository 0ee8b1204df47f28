import Crypto
import Foundation

/// A file on its way to be whole: it gets its name when all of it is on disk, so that a file of that name is never a piece.
///
/// Readable by its owner only.
struct ExportFile {
    private let path: String
    private let handle: FileHandle
    private var hasher = SHA256()
    private(set) var bytes = 0

    private var temporary: String { path + Self.suffix }

    /// What the name of an unfinished file ends in.
    static let suffix = ".partial"

    /// Begins a file; what an earlier attempt left of it is written over.
    init(_ path: String) throws(AuditError) {
        self.path = path
        let descriptor = open(path + Self.suffix, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else {
            throw .unusableExport(path: path, reason: "it can't be made: \(String(cString: strerror(errno)))")
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    mutating func write(_ data: Data) throws(AuditError) {
        do {
            try handle.write(contentsOf: data)
        } catch {
            throw .unusableExport(path: path, reason: "it can't be written: \((error as NSError).localizedDescription)")
        }
        hasher.update(data: data)
        bytes += data.count
    }

    /// Puts the file on disk and gives it its name.
    ///
    /// - Returns: its SHA-256.
    func finish() throws(AuditError) -> String {
        do {
            try handle.synchronize()
            try handle.close()
            guard rename(temporary, path) == 0 else { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
            // The name too has to be on disk.
            let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY)
            if folder >= 0 {
                fsync(folder)
                close(folder)
            }
        } catch {
            throw .unusableExport(path: path, reason: "it can't be written: \((error as NSError).localizedDescription)")
        }
        return hasher.finalize().hexadecimal
    }

    /// Length and SHA-256 of a file; nil where there is none that can be read.
    static func measure(_ path: String) -> (bytes: Int, sha256: String)? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        var hasher = SHA256()
        var bytes = 0
        do {
            while let data = try handle.read(upToCount: 1 << 20), !data.isEmpty {
                hasher.update(data: data)
                bytes += data.count
            }
        } catch {
            return nil
        }
        return (bytes, hasher.finalize().hexadecimal)
    }
}
