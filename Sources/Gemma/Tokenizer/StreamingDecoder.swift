/// Turns tokens into text one at a time, holding back bytes until they are whole characters.
public struct StreamingDecoder: Sendable {
    private let tokenizer: Tokenizer
    private var pending: [UInt8] = []

    /// A decoder for a continuation: nothing is known of what came before.
    public init(_ tokenizer: Tokenizer) {
        self.tokenizer = tokenizer
    }

    /// The text that became complete with this token; often empty in the middle of an emoji.
    public mutating func append(_ token: TokenID) -> String {
        tokenizer.appendBytes(of: token, to: &pending)
        let complete = pending.count - Self.incompleteTail(pending)
        let text = String(decoding: pending[..<complete], as: UTF8.self)
        pending.removeFirst(complete)
        return text
    }

    /// What is left when no token will follow, repaired if it is cut off.
    public mutating func finish() -> String {
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }

    /// Bytes at the end that begin a character and do not finish it: 0...3.
    private static func incompleteTail(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 { continue }
            let needed =
                switch byte {
                case 0xF0...0xF4: 4
                case 0xE0...0xEF: 3
                case 0xC2...0xDF: 2
                default: 1
                }
            return needed > back ? back : 0
        }
        return 0
    }
}
