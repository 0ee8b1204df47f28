/// The metadata of a GGUF file, with lookups that check kind and range.
///
/// An absent key gives nil; a key of another kind throws ``GemmaError/invalidMetadata(key:found:expected:)``.
public struct GGUFMetadata: Sendable {
    private let values: [String: GGUFValue]

    init(_ values: [String: GGUFValue]) {
        self.values = values
    }

    /// All keys, sorted.
    public var keys: [String] { values.keys.sorted() }

    /// The raw value of a key.
    public subscript(key: String) -> GGUFValue? { values[key] }

    /// A string.
    public func string(_ key: String) throws(GemmaError) -> String? {
        guard let value = values[key] else { return nil }
        guard case .string(let text) = value else { throw mismatch(key, value, "a string") }
        return text
    }

    /// A whole number of at least 0, of any integer kind.
    public func integer(_ key: String) throws(GemmaError) -> Int? {
        guard let value = values[key] else { return nil }
        switch value {
        case .unsigned(let number):
            guard let number = Int(exactly: number) else { throw mismatch(key, value, "a number that fits in 63 bits") }
            return number
        case .signed(let number):
            guard number >= 0 else { throw mismatch(key, value, "a number of at least 0") }
            return Int(number)
        default:
            throw mismatch(key, value, "a whole number")
        }
    }

    /// A finite number; integers count too.
    public func float(_ key: String) throws(GemmaError) -> Float? {
        guard let value = values[key] else { return nil }
        let number: Double
        switch value {
        case .float(let float): number = float
        case .unsigned(let unsigned): number = Double(unsigned)
        case .signed(let signed): number = Double(signed)
        default: throw mismatch(key, value, "a number")
        }
        let result = Float(number)
        guard result.isFinite else { throw mismatch(key, value, "a finite number") }
        return result
    }

    /// A truth value.
    public func bool(_ key: String) throws(GemmaError) -> Bool? {
        guard let value = values[key] else { return nil }
        guard case .bool(let flag) = value else { throw mismatch(key, value, "true or false") }
        return flag
    }

    /// An array, still in the file.
    public func array(_ key: String) throws(GemmaError) -> GGUFArray? {
        guard let value = values[key] else { return nil }
        guard case .array(let array) = value else { throw mismatch(key, value, "an array") }
        return array
    }

    private func mismatch(_ key: String, _ value: GGUFValue, _ expected: String) -> GemmaError {
        .invalidMetadata(key: key, found: value.summary, expected: expected)
    }
}
