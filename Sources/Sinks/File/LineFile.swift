import Foundation

/// A file of lines that is appended to.
struct LineFile {
    private let path: String
    private let maxBytes: Int?
    private let keep: Int?
    private var current: (handle: FileHandle, identity: Identity, size: Int)?

    /// Which file it is, whatever its name.
    private struct Identity: Equatable {
        var device: dev_t
        var number: ino_t
        var size: Int

        init?(_ path: String) {
            var info = stat()
            guard stat(path, &info) == 0 else { return nil }
            (device, number, size) = (info.st_dev, info.st_ino, Int(info.st_size))
        }

        static func == (a: Identity, b: Identity) -> Bool { a.device == b.device && a.number == b.number }
    }

    init(path: String, maxBytes: Int?, keep: Int?) {
        self.path = path
        self.maxBytes = maxBytes
        self.keep = keep
    }

    /// Adds lines; on return they are on disk, on failure the file ends where it did, but for files that were set aside meanwhile.
    mutating func append(_ lines: [String]) throws(SinkError) {
        do {
            try reopenIfMoved()
            var chunk = Data()
            for line in lines {
                let length = line.utf8.count + 1
                let size = (current?.size ?? 0) + chunk.count
                if let maxBytes, size > 0, size + length > maxBytes {
                    try write(chunk)
                    chunk = Data()
                    try setAside()
                }
                chunk.append(contentsOf: line.utf8)
                chunk.append(UInt8(ascii: "\n"))
            }
            try write(chunk)
        } catch {
            close()
            throw .cannotWrite(path: path, reason: (error as NSError).localizedDescription)
        }
    }

    mutating func close() {
        try? current?.handle.close()
        current = nil
    }

    private mutating func reopenIfMoved() throws {
        if let current, Identity(path) == current.identity { return }
        close()
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard let identity = Identity(path) else { throw POSIXError(.ENOENT) }
        current = (handle, identity, try Self.cutUnfinishedLine(handle, size: identity.size))
    }

    /// Removes a line that a crash left unfinished; its record comes again.
    ///
    /// - Returns: the length that is left.
    private static func cutUnfinishedLine(_ handle: FileHandle, size: Int) throws -> Int {
        var end = size
        while end > 0 {
            let start = max(0, end - 65_536)
            try handle.seek(toOffset: UInt64(start))
            let data = try handle.read(upToCount: end - start) ?? Data()
            if let last = data.lastIndex(of: UInt8(ascii: "\n")) {
                end = start + data.distance(from: data.startIndex, to: last) + 1
                break
            }
            end = start
        }
        if end < size { try handle.truncate(atOffset: UInt64(end)) }
        return end
    }

    private mutating func write(_ data: Data) throws {
        guard !data.isEmpty, let (handle, _, size) = current else { return }
        do {
            try handle.write(contentsOf: data)
            try handle.synchronize()
        } catch {
            try? handle.truncate(atOffset: UInt64(size))
            throw error
        }
        current?.size += data.count
    }

    /// Renames the file to the next free number, and begins another.
    private mutating func setAside() throws {
        close()
        var numbers = setAsideNumbers()
        let next = (numbers.last ?? 0) + 1
        guard rename(path, "\(path).\(next)") == 0 else { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
        numbers.append(next)
        if let keep {
            for number in numbers.dropLast(keep) { try FileManager.default.removeItem(atPath: "\(path).\(number)") }
        }
        try reopenIfMoved()
    }

    private func setAsideNumbers() -> [Int] {
        let folder = (path as NSString).deletingLastPathComponent
        let prefix = (path as NSString).lastPathComponent + "."
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        return names.filter { $0.hasPrefix(prefix) }.compactMap { Int($0.dropFirst(prefix.count)) }.sorted()
    }
}
