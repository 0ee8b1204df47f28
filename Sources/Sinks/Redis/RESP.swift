package import NIOCore

/// A value of Redis's protocol, version 2.
///
/// - Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
package enum RESPValue: Sendable, Equatable {
    case text(String)
    /// The first word of an error, such as `OOM`; the rest may repeat what was sent.
    case failure(String)
    case integer(Int)
    case bulk(String?)
    case array([RESPValue]?)
}

extension ByteBuffer {
    /// Writes a command with its arguments.
    package mutating func writeCommand(_ words: [String]) {
        writeString("*\(words.count)\r\n")
        for word in words { writeString("$\(word.utf8.count)\r\n\(word)\r\n") }
    }

    /// Takes the next value; nil, with nothing taken, where it isn't whole yet.
    ///
    /// - Throws: ``SinkError/notRedis``.
    package mutating func readRESP(depth: Int = 0) throws(SinkError) -> RESPValue? {
        let start = readerIndex
        guard let line = try readRESPLine() else { return nil }
        let rest = String(line.dropFirst())
        switch line.first {
        case "+": return .text(rest)
        case "-": return .failure(String(rest.prefix { $0 != " " }))
        case ":":
            guard let number = Int(rest) else { throw .notRedis }
            return .integer(number)
        case "$":
            guard let count = Int(rest), count >= -1 else { throw .notRedis }
            if count == -1 { return .bulk(nil) }
            guard readableBytes >= count + 2, let text = readString(length: count) else {
                moveReaderIndex(to: start)
                return nil
            }
            moveReaderIndex(forwardBy: 2)
            return .bulk(text)
        case "*":
            guard let count = Int(rest), count >= -1, depth < 8 else { throw .notRedis }
            if count == -1 { return .array(nil) }
            var values: [RESPValue] = []
            for _ in 0..<count {
                guard let value = try readRESP(depth: depth + 1) else {
                    moveReaderIndex(to: start)
                    return nil
                }
                values.append(value)
            }
            return .array(values)
        default: throw .notRedis
        }
    }

    private mutating func readRESPLine() throws(SinkError) -> String? {
        guard let end = readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else {
            if readableBytes > 65_536 { throw .notRedis }
            return nil
        }
        let line = readString(length: end - readerIndex + 1) ?? ""
        guard line.utf8.suffix(2).elementsEqual("\r\n".utf8) else { throw .notRedis }
        return String(decoding: line.utf8.dropLast(2), as: UTF8.self)
    }
}
