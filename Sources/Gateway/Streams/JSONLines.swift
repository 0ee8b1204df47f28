/// Cuts bytes into lines of JSON (NDJSON), wherever the pieces were cut.
///
/// Lines end in LF or CRLF; each keeps its ending, so that it can be passed on exactly as it came.
struct JSONLines: Sendable {
    /// A line is longer than can be held.
    struct TooLong: Error, Sendable, Hashable {}

    private let maxLineBytes: Int
    private var line: [UInt8] = []

    init(maxLineBytes: Int = 1 << 20) {
        self.maxLineBytes = maxLineBytes
    }

    /// Takes the next bytes and returns the lines that they complete.
    mutating func read(_ bytes: [UInt8]) throws(TooLong) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            line.append(byte)
            guard line.count <= maxLineBytes else { throw TooLong() }
            guard byte == 0x0A else { continue }
            lines.append(line)
            line = []
        }
        return lines
    }

    /// Returns the line that the stream's end cut short, made whole; lenient readers would act on it too.
    mutating func finish() -> [[UInt8]] {
        guard !line.isEmpty else { return [] }
        defer { line = [] }
        return [line + [0x0A]]
    }

    /// Whether a line holds nothing.
    static func isBlank(_ line: [UInt8]) -> Bool {
        line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    }
}
