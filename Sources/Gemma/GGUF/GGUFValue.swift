/// The kinds of a metadata value, numbered as in the GGUF specification.
public enum GGUFValueType: UInt32, Sendable {
    case uint8 = 0
    case int8 = 1
    case uint16 = 2
    case int16 = 3
    case uint32 = 4
    case int32 = 5
    case float32 = 6
    case bool = 7
    case string = 8
    case array = 9
    case uint64 = 10
    case int64 = 11
    case float64 = 12

    /// Bytes of one value, or nil for strings and arrays.
    var byteCount: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }
}

/// One metadata value; arrays stay in the file until they are asked for.
public enum GGUFValue: Sendable {
    case unsigned(UInt64)
    case signed(Int64)
    case float(Double)
    case bool(Bool)
    case string(String)
    case array(GGUFArray)

    /// What it is, for messages: kind and number, never the text of a string.
    var summary: String {
        switch self {
        case .unsigned(let value): "\(value)"
        case .signed(let value): "\(value)"
        case .float(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .string: "a string"
        case .array(let array): "an array of \(array.count) \(array.elementType)"
        }
    }
}

/// An array in a GGUF file, checked to lie inside the file and decoded on demand.
public struct GGUFArray: Sendable {
    /// The kind of every element.
    public let elementType: GGUFValueType
    /// The number of elements.
    public let count: Int
    /// Where the elements stand in the file, in bytes.
    let range: Range<Int>
    let file: MappedFile

    /// Calls `body` with each string's index and its place in the file, in order.
    ///
    /// - Throws: ``GemmaError/malformedFile(offset:found:expected:)`` when the elements are not strings.
    func forEachString(_ body: (Int, Range<Int>) -> Void) throws(GemmaError) {
        try check(elementType == .string, expected: "strings")
        var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
        for index in 0..<count {
            let place = try cursor.stringRange("array element")
            body(index, (range.lowerBound + place.lowerBound)..<(range.lowerBound + place.upperBound))
        }
    }

    /// The strings, with bytes that are not UTF-8 repaired.
    package func strings() throws(GemmaError) -> [String] {
        var result: [String] = []
        result.reserveCapacity(count)
        try forEachString { _, place in
            result.append(String(decoding: file.bytes[place], as: UTF8.self))
        }
        return result
    }

    /// The elements as 32-bit floats.
    func floats() throws(GemmaError) -> [Float] {
        try check(elementType == .float32, expected: "float32 values")
        return (0..<count).map { index in
            let bits = file.bytes.loadUnaligned(fromByteOffset: range.lowerBound + 4 * index, as: UInt32.self)
            return Float(bitPattern: UInt32(littleEndian: bits))
        }
    }

    /// The elements as integers, from any integer or bool kind.
    func integers() throws(GemmaError) -> [Int] {
        let base = range.lowerBound
        func load<T: FixedWidthInteger>(_ type: T.Type) -> [Int] {
            (0..<count).map { index in
                let raw = file.bytes.loadUnaligned(fromByteOffset: base + index * MemoryLayout<T>.size, as: T.self)
                return Int(truncatingIfNeeded: T(littleEndian: raw))
            }
        }
        switch elementType {
        case .uint8, .bool: return load(UInt8.self)
        case .int8: return load(Int8.self)
        case .uint16: return load(UInt16.self)
        case .int16: return load(Int16.self)
        case .uint32: return load(UInt32.self)
        case .int32: return load(Int32.self)
        case .uint64: return load(UInt64.self)
        case .int64: return load(Int64.self)
        case .float32, .float64, .string, .array:
            try check(false, expected: "integers")
            return []
        }
    }

    private func check(_ condition: Bool, expected: String) throws(GemmaError) {
        guard condition else {
            throw .malformedFile(offset: range.lowerBound, found: "an array of \(elementType)", expected: expected)
        }
    }
}
