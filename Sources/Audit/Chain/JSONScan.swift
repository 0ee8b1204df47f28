import Foundation

/// Reads compact JSON whose keys come in their sorted order, as ``JSONBytes`` writes it.
///
/// Anything that is spelt otherwise is not read, also where it is right: that is left to `JSONDecoder`.
struct JSONScan {
    /// It is spelt otherwise.
    struct Mismatch: Error {}

    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0
    /// Whether a value has just ended, so that a comma has to follow before the next.
    private var isBehindValue = false

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Whether all was read.
    var isAtEnd: Bool { place == bytes.count }

    private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

    /// Goes into an object or a list.
    mutating func open(_ bracket: Unicode.Scalar) throws(Mismatch) {
        guard current == UInt8(ascii: bracket) else { throw Mismatch() }
        place += 1
        isBehindValue = false
    }

    /// Comes out of an object or a list, if it ends here.
    mutating func closes(_ bracket: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: bracket) else { return false }
        place += 1
        isBehindValue = true
        return true
    }

    mutating func close(_ bracket: Unicode.Scalar) throws(Mismatch) {
        guard closes(bracket) else { throw Mismatch() }
    }

    /// Goes to the next value of a list, behind the comma before it.
    mutating func separate() throws(Mismatch) {
        guard isBehindValue else { return }
        guard current == UInt8(ascii: ",") else { throw Mismatch() }
        place += 1
        isBehindValue = false
    }

    /// Goes behind a key, if it is the next.
    mutating func has(_ key: StaticString) -> Bool {
        var start = place
        if isBehindValue {
            guard current == UInt8(ascii: ",") else { return false }
            start += 1
        }
        let count = key.utf8CodeUnitCount
        guard start + count + 3 <= bytes.count, bytes[start] == UInt8(ascii: "\""),
            bytes[start + count + 1] == UInt8(ascii: "\""), bytes[start + count + 2] == UInt8(ascii: ":"),
            let first = bytes.baseAddress, memcmp(first + start + 1, key.utf8Start, count) == 0
        else { return false }
        place = start + count + 3
        isBehindValue = false
        return true
    }

    mutating func key(_ name: StaticString) throws(Mismatch) {
        guard has(name) else { throw Mismatch() }
    }

    /// A key that may have any letters.
    mutating func anyKey() throws(Mismatch) -> String {
        try separate()
        let key = try text()
        guard current == UInt8(ascii: ":") else { throw Mismatch() }
        place += 1
        isBehindValue = false
        return key
    }

    /// A text without anything that needs a backslash.
    mutating func text() throws(Mismatch) -> String {
        guard current == UInt8(ascii: "\"") else { throw Mismatch() }
        let start = place + 1
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            guard bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\\") else { throw Mismatch() }
            end += 1
        }
        guard end < bytes.count else { throw Mismatch() }
        place = end + 1
        isBehindValue = true
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
    }

    /// A word of an enumeration.
    mutating func word<Word: RawRepresentable<String>>() throws(Mismatch) -> Word {
        guard let word = Word(rawValue: try text()) else { throw Mismatch() }
        return word
    }

    mutating func flag() throws(Mismatch) -> Bool {
        for (word, value) in [("true", true), ("false", false)]
        where bytes[place...].starts(with: word.utf8) {
            place += word.utf8.count
            isBehindValue = true
            return value
        }
        throw Mismatch()
    }

    mutating func integer() throws(Mismatch) -> Int {
        let (start, end, isWhole) = try number()
        guard isWhole, let value = Int(String(decoding: bytes[start..<end], as: UTF8.self)) else { throw Mismatch() }
        return value
    }

    mutating func double() throws(Mismatch) -> Double {
        let (start, end, _) = try number()
        // What follows a number in JSON is never part of one.
        guard end < bytes.count, let first = bytes.baseAddress else { throw Mismatch() }
        return UnsafeRawPointer(first + start).withMemoryRebound(to: CChar.self, capacity: end - start + 1) {
            strtod($0, nil)
        }
    }

    /// Goes behind a number (RFC 8259, section 6).
    private mutating func number() throws(Mismatch) -> (start: Int, end: Int, isWhole: Bool) {
        let start = place
        var end = place
        func digits() -> Int {
            let first = end
            while end < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) { end += 1 }
            return end - first
        }
        func takes(_ characters: String) -> Bool {
            guard end < bytes.count, characters.utf8.contains(bytes[end]) else { return false }
            end += 1
            return true
        }
        _ = takes("-")
        let isZero = end < bytes.count && bytes[end] == UInt8(ascii: "0")
        let count = digits()
        guard count > 0, !isZero || count == 1 else { throw Mismatch() }
        let whole = end
        if takes(".") {
            guard digits() > 0 else { throw Mismatch() }
        }
        if takes("eE") {
            _ = takes("+-")
            guard digits() > 0 else { throw Mismatch() }
        }
        place = end
        isBehindValue = true
        return (start, end, end == whole)
    }
}
