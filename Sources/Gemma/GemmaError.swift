/// Why a model could not be loaded or run.
///
/// Messages never contain user content, only names, sizes and ids.
public enum GemmaError: Error, Equatable, Sendable {
    /// The file can't be opened or mapped; `reason` is the system's own word.
    case unreadableFile(path: String, reason: String)
    /// The file breaks the GGUF format: what stands at `offset`, and what should.
    case malformedFile(offset: Int, found: String, expected: String)
    /// A metadata key that the model needs is absent.
    case missingMetadata(key: String)
    /// A metadata key holds a value of another kind or outside its range.
    case invalidMetadata(key: String, found: String, expected: String)
    /// A weight that the architecture needs is absent.
    case missingTensor(name: String)
    /// A weight has another shape or type than the architecture needs.
    case invalidTensor(name: String, found: String, expected: String)
    /// The adapter is for another model: what does not fit, found and expected.
    case adapterMismatch(subject: String, found: String, expected: String)
    /// The tokenizer's metadata can't be used.
    case invalidTokenizer(found: String, expected: String)
    /// A token id outside `0 ..< vocabularySize`.
    case tokenOutOfRange(id: TokenID, vocabularySize: Int)
    /// More tokens than the model's context holds.
    case contextExceeded(tokens: Int, limit: Int)
    /// A segment that can't be run: what was found, and what is expected.
    case invalidSegment(found: String, expected: String)
    /// A sampling setting outside its range.
    case invalidSampling(found: String, expected: String)
    /// The engine's queue holds `limit` requests already: try again later.
    case queueFull(limit: Int)
    /// The task was cancelled before its request was answered.
    case cancelled
    /// The engine was shut down.
    case shutDown
}

extension GemmaError: CustomStringConvertible {
    /// The message: lower case, one line.
    public var description: String {
        switch self {
        case .unreadableFile(let path, let reason):
            "can't read '\(path)': \(reason)"
        case .malformedFile(let offset, let found, let expected):
            "malformed GGUF file: found \(found) at byte \(offset), expected \(expected)"
        case .missingMetadata(let key):
            "the file has no metadata '\(key)'; is it a Gemma 1, 2 or 3 text model?"
        case .invalidMetadata(let key, let found, let expected):
            "metadata '\(key)' is \(found), expected \(expected)"
        case .missingTensor(let name):
            "the file has no tensor '\(name)'; is it a whole Gemma model?"
        case .invalidTensor(let name, let found, let expected):
            "tensor '\(name)' is \(found), expected \(expected)"
        case .adapterMismatch(let subject, let found, let expected):
            "the adapter does not fit the model: \(subject) is \(found), expected \(expected)"
        case .invalidTokenizer(let found, let expected):
            "can't use the file's tokenizer: found \(found), expected \(expected)"
        case .tokenOutOfRange(let id, let vocabularySize):
            "token \(id) is outside the vocabulary of \(vocabularySize)"
        case .contextExceeded(let tokens, let limit):
            "\(tokens) tokens are more than the model's context of \(limit); shorten the text"
        case .invalidSegment(let found, let expected):
            "can't run this segment: found \(found), expected \(expected)"
        case .invalidSampling(let found, let expected):
            "sampling setting is \(found), expected \(expected)"
        case .queueFull(let limit):
            "the engine's queue is full (\(limit) requests); try again later"
        case .cancelled:
            "the work was cancelled"
        case .shutDown:
            "the engine was shut down"
        }
    }
}
