internal import CPCRE2
internal import Foundation

/// What PCRE2 knows every match of a pattern to have, so that most texts need no search.
///
/// PCRE2 makes the same checks when it is asked to search, but being asked costs more than they do.
struct PatternNeeds: Sendable {
    /// The fewest bytes of a match.
    private var length = 0
    /// Bytes that stand in every match; only such as have no case.
    private var bytes: [UInt8] = []
    /// The bytes that a match can begin with; nil where any can be.
    private var starts: ByteSet?

    /// Asks for what is known of a pattern.
    init(of code: OpaquePointer) {
        func number(_ what: Int32) -> UInt32 {
            var value: UInt32 = 0
            return pcre2_pattern_info_8(code, UInt32(what), &value) == 0 ? value : 0
        }
        length = Int(number(PCRE2_INFO_MINLENGTH))
        if number(PCRE2_INFO_FIRSTCODETYPE) == 1 { add(number(PCRE2_INFO_FIRSTCODEUNIT)) }
        if number(PCRE2_INFO_LASTCODETYPE) == 1 { add(number(PCRE2_INFO_LASTCODEUNIT)) }
        var bits: UnsafePointer<UInt8>?
        if pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_FIRSTBITMAP), &bits) == 0, let bits {
            starts = ByteSet(bits: UnsafeBufferPointer(start: bits, count: 32))
        }
    }

    private mutating func add(_ byte: UInt32) {
        // Whether a letter stands for both its cases is not told.
        guard let byte = UInt8(exactly: byte), byte < 0x80, !Character(Unicode.Scalar(byte)).isLetter else { return }
        bytes.append(byte)
    }

    /// Whether a text could hold a match.
    func areMet(by text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count >= length, let base = text.baseAddress else { return false }
        for byte in bytes where memchr(base, Int32(byte), text.count) == nil { return false }
        return starts?.stands(in: text) ?? true
    }
}
