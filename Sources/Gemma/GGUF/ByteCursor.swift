/// Reads little-endian values from a buffer, one after the other, and throws instead of leaving it.
struct ByteCursor {
    private let bytes: UnsafeRawBufferPointer
    /// Bytes read so far, from the buffer's start.
    private(set) var offset = 0

    /// Longest string that is read as text: longer ones are a broken length field.
    static let longestStringBytes = 1 << 24

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var remaining: Int { bytes.count - offset }

    mutating func skip(_ count: Int, _ what: String) throws(GemmaError) {
        guard count >= 0, count <= remaining else {
            throw .malformedFile(
                offset: offset,
                found: "\(remaining) bytes to the end",
                expected: "\(count) bytes of \(what)"
            )
        }
        offset += count
    }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type, _ what: String) throws(GemmaError) -> T {
        let start = offset
        try skip(MemoryLayout<T>.size, what)
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: T.self))
    }

    /// A 64-bit count that must not be larger than `limit`, because each counted thing takes at least some bytes.
    mutating func count(upTo limit: Int, _ what: String) throws(GemmaError) -> Int {
        let start = offset
        let value = try integer(UInt64.self, what)
        guard value <= UInt64(max(limit, 0)) else {
            throw .malformedFile(offset: start, found: "\(what) \(value)", expected: "at most \(max(limit, 0))")
        }
        return Int(value)
    }

    /// The place of a length-prefixed string, without its length.
    mutating func stringRange(_ what: String) throws(GemmaError) -> Range<Int> {
        let length = try count(upTo: min(remaining - 8, Self.longestStringBytes), "length of \(what)")
        let start = offset
        try skip(length, what)
        return start..<offset
    }

    mutating func string(_ what: String) throws(GemmaError) -> String {
        let range = try stringRange(what)
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw .malformedFile(offset: range.lowerBound, found: "bytes that are not UTF-8", expected: what)
        }
        return text
    }
}
