#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes of a file, mapped read-only for the life of this object.
///
/// A file that shrinks on disk while it is mapped ends the process with a bus error, as with every mapping: replace
/// model files by renaming, never by writing over them.
package final class MappedFile: @unchecked Sendable {
    // Sendable: the memory is mapped or copied once in `init`, read-only afterwards, and released only in `deinit`.

    /// All bytes of the file; valid as long as this object lives.
    package let bytes: UnsafeRawBufferPointer
    /// The path given, or a word for bytes that came from memory.
    package let path: String
    private let isMapped: Bool

    /// Maps the file at `path`.
    ///
    /// - Throws: ``GemmaError/unreadableFile(path:reason:)``.
    package init(path: String) throws(GemmaError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unreadableFile(path: path, reason: Self.lastErrorDescription())
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadableFile(path: path, reason: Self.lastErrorDescription())
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadableFile(path: path, reason: "not a regular file")
        }
        let count = Int(status.st_size)
        guard count > 0 else {
            throw .unreadableFile(path: path, reason: "the file is empty")
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw .unreadableFile(path: path, reason: Self.lastErrorDescription())
        }
        self.bytes = UnsafeRawBufferPointer(start: base, count: count)
        self.path = path
        self.isMapped = true
    }

    /// Copies bytes from memory, 64-byte aligned, for tests and generated models.
    package init(bytes source: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(source.count, 1), alignment: 64)
        copy.copyBytes(from: source)
        self.bytes = UnsafeRawBufferPointer(start: copy.baseAddress, count: source.count)
        self.path = "memory"
        self.isMapped = false
    }

    /// Gives back the memory of the pages read so far; they are read again from the file when they are next used.
    package func releasePages() {
        guard isMapped, let base = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base), bytes.count, MADV_DONTNEED)
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }

    private static func lastErrorDescription() -> String {
        strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
    }
}
