import Kernels

/// A GGUF file (versions 2 and 3, little-endian), mapped and checked.
///
/// Every count, length, alignment and tensor extent is checked against the file's size before it is used, so a
/// truncated or hostile file throws and never traps. Format: the GGUF specification of the ggml project.
public final class GGUFFile: Sendable {
    /// The format's version: 2 or 3.
    public let version: Int
    /// The key-value pairs of the header.
    public let metadata: GGUFMetadata
    /// The tensors, in the file's order.
    public let tensors: [GGUFTensor]
    let file: MappedFile
    private let indices: [String: Int]

    /// The path the file was opened by.
    public var path: String { file.path }
    /// The size in bytes.
    public var byteCount: Int { file.bytes.count }

    /// Maps and checks the file at `path`.
    ///
    /// - Throws: ``GemmaError/unreadableFile(path:reason:)``, ``GemmaError/malformedFile(offset:found:expected:)``
    ///   or ``GemmaError/invalidTensor(name:found:expected:)`` for a tensor type that can't be read.
    public convenience init(path: String) throws(GemmaError) {
        try self.init(file: MappedFile(path: path))
    }

    /// Checks a file that is in memory.
    package convenience init(bytes: [UInt8]) throws(GemmaError) {
        try self.init(file: MappedFile(bytes: bytes))
    }

    private init(file: MappedFile) throws(GemmaError) {
        self.file = file
        var header = GGUFHeader(file: file)
        try header.parse()
        version = header.version
        metadata = GGUFMetadata(header.values)
        tensors = header.tensors
        indices = header.indices
    }

    /// The tensor of that name, if there is one.
    public func tensor(_ name: String) -> GGUFTensor? {
        indices[name].map { tensors[$0] }
    }

    /// The raw data of a tensor of this file; valid as long as this object lives.
    func bytes(of tensor: GGUFTensor) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: file.bytes[tensor.offset..<tensor.offset + tensor.byteCount])
    }
}
