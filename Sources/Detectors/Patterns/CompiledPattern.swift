internal import CPCRE2

/// One regular expression, compiled by PCRE2 for UTF-8 text.
///
/// `@unchecked Sendable` is safe: the compiled code is written once, in `init`, before the object is shared, and PCRE2
/// reads compiled code without changing it (pcre2api, "Multithreading"; no JIT is used). What a search writes to, its
/// match data and match context, belongs to a ``PatternSearch`` that never leaves one call.
final class CompiledPattern: @unchecked Sendable {
    /// How classes such as `\w` and `\d` read.
    enum Alphabet {
        /// `\w`, `\d` and `\b` know every script.
        case unicode
        /// `\w`, `\d` and `\b` know ASCII only; what published formats of keys and numbers mean.
        case ascii
    }

    fileprivate let code: OpaquePointer
    private let needs: PatternNeeds

    /// Compiles a pattern.
    ///
    /// - Parameter isProbe: whether searches take no short cuts, such as giving up where a letter is missing that must be
    ///   there, so that they show how much work there can be.
    /// - Throws: ``PatternSyntaxError`` with PCRE2's message and the place in the pattern.
    init(_ pattern: String, alphabet: Alphabet = .unicode, isProbe: Bool = false) throws(PatternSyntaxError) {
        var options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT
        if alphabet == .unicode { options |= PCRE2_UCP }
        if isProbe { options |= PCRE2_NO_START_OPTIMIZE }
        var number: Int32 = 0
        var offset = 0
        let bytes = Array(pattern.utf8)
        let compiled = bytes.withUnsafeBufferPointer { buffer in
            // An empty array may have no address; PCRE2 wants one.
            let start = buffer.baseAddress ?? UnsafePointer(bitPattern: 1)
            return pcre2_compile_8(start, buffer.count, options, &number, &offset, nil)
        }
        guard let compiled else {
            var message = [UInt8](repeating: 0, count: 256)
            let length = pcre2_get_error_message_8(number, &message, message.count)
            throw PatternSyntaxError(
                message: length > 0 ? String(decoding: message.prefix(Int(length)), as: UTF8.self) : "error \(number)",
                offset: String(decoding: bytes.prefix(offset), as: UTF8.self).unicodeScalars.count
            )
        }
        code = compiled
        needs = PatternNeeds(of: compiled)
    }

    deinit { pcre2_code_free_8(code) }

    /// Whether a text could hold a match, as far as a look at its bytes tells.
    fileprivate func mayMatch(in text: UnsafeBufferPointer<UInt8>) -> Bool { needs.areMet(by: text) }

    /// Every match in `text`, left to right, without overlaps and without empty ones; UTF-8 offsets.
    func ranges(
        in text: UnsafeBufferPointer<UInt8>,
        limits: PatternLimits = PatternLimits()
    ) throws(PatternSearchError) -> [Range<Int>] {
        var search = try PatternSearch(self, text: text, limits: limits)
        var ranges: [Range<Int>] = []
        var position = 0
        while let range = try search.next(from: position) {
            ranges.append(range)
            position = range.upperBound
        }
        return ranges
    }
}

/// Why a pattern doesn't compile.
struct PatternSyntaxError: Error, Hashable {
    /// PCRE2's words, such as `missing closing parenthesis`.
    var message: String
    /// Unicode scalars of the pattern that were read before the problem was seen.
    var offset: Int
}

/// How much work one search may do.
package struct PatternLimits: Sendable {
    /// Backtracking points that may be tried at one start position.
    package var steps: UInt32 = 250_000
    /// Backtracking points that may be pending at once.
    package var depth: UInt32 = 100_000
    /// Memory for pending backtracking points, in KiB.
    package var heapKiB: UInt32 = 32_768
    /// Start positions between two looks at the clock.
    package var windowBytes = 256
    /// Time for one search of one text.
    ///
    /// Generous: only a search that is stuck comes near it.
    package var duration: Duration = .seconds(2)

    /// The limits that detectors work under.
    package init() {}
}

/// Why a search was given up.
enum PatternSearchError: Error, Hashable, CustomStringConvertible {
    /// A limit was reached.
    case tooMuchWork(String)
    /// PCRE2 gave up for another reason; its error number.
    case failed(Int32)

    var description: String {
        switch self {
        case .tooMuchWork(let limit):
            "the search reached its \(limit) limit; make the pattern less ambiguous, or bound its repetitions"
        case .failed(let number): "the search failed with PCRE2 error \(number)"
        }
    }
}

/// One search through one text.
struct PatternSearch: ~Copyable {
    private let pattern: CompiledPattern
    private let text: UnsafeBufferPointer<UInt8>
    private let limits: PatternLimits
    private let deadline: ContinuousClock.Instant
    /// Nil where nothing can be found.
    private let scratch: (data: OpaquePointer, context: OpaquePointer)?

    /// Prepares a search.
    ///
    /// `text` must be valid UTF-8 and outlive the search.
    init(
        _ pattern: CompiledPattern,
        text: UnsafeBufferPointer<UInt8>,
        limits: PatternLimits = PatternLimits()
    ) throws(PatternSearchError) {
        self.pattern = pattern
        self.text = text
        self.limits = limits
        deadline = .now + limits.duration
        guard pattern.mayMatch(in: text) else {
            scratch = nil
            return
        }
        guard let data = pcre2_match_data_create_8(1, nil) else { throw .tooMuchWork("memory") }
        guard let context = pcre2_match_context_create_8(nil) else {
            pcre2_match_data_free_8(data)
            throw .tooMuchWork("memory")
        }
        pcre2_set_match_limit_8(context, limits.steps)
        pcre2_set_depth_limit_8(context, limits.depth)
        pcre2_set_heap_limit_8(context, limits.heapKiB)
        scratch = (data, context)
    }

    deinit {
        guard let scratch else { return }
        pcre2_match_data_free_8(scratch.data)
        pcre2_match_context_free_8(scratch.context)
    }

    /// The first match that begins at `start` (a UTF-8 offset on a scalar boundary) or later.
    ///
    /// PCRE2 counts steps for each start position anew, so the text is searched a window of start positions at a time, with
    /// a look at the clock in between.
    mutating func next(from start: Int) throws(PatternSearchError) -> Range<Int>? {
        guard let base = text.baseAddress, let (data, context) = scratch else { return nil }
        var position = start
        while position < text.count {
            let end = scalarBoundary(atOrAfter: min(position + limits.windowBytes, text.count))
            pcre2_set_offset_limit_8(context, end)
            let options = PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY
            let status = pcre2_match_8(pattern.code, base, text.count, position, options, data, context)
            if status >= 0 {
                guard let pair = pcre2_get_ovector_pointer_8(data), pair[0] < pair[1] else {
                    // `\K` can leave nothing of a match.
                    position = scalarBoundary(atOrAfter: position + 1)
                    continue
                }
                return Int(pair[0])..<Int(pair[1])
            }
            guard status == PCRE2_ERROR_NOMATCH else { throw error(status) }
            if ContinuousClock.now >= deadline { throw .tooMuchWork("time") }
            position = end
        }
        return nil
    }

    /// The next scalar boundary at or after an offset.
    func scalarBoundary(atOrAfter offset: Int) -> Int {
        var offset = offset
        while offset < text.count, text[offset] & 0xC0 == 0x80 { offset += 1 }
        return offset
    }

    private func error(_ status: Int32) -> PatternSearchError {
        switch status {
        case PCRE2_ERROR_MATCHLIMIT: .tooMuchWork("step")
        case PCRE2_ERROR_DEPTHLIMIT: .tooMuchWork("depth")
        case PCRE2_ERROR_HEAPLIMIT: .tooMuchWork("memory")
        default: .failed(status)
        }
    }
}
