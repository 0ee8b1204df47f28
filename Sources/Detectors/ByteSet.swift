/// Some of the 256 bytes.
struct ByteSet: Sendable {
    private var bits: [UInt8]

    /// The bytes of some characters.
    init(_ characters: String) {
        bits = [UInt8](repeating: 0, count: 32)
        for byte in characters.utf8 { bits[Int(byte >> 3)] |= 1 << (byte & 7) }
    }

    /// A table of 256 bits, the lowest of a byte first.
    init(bits: UnsafeBufferPointer<UInt8>) {
        precondition(bits.count == 32, "\(bits.count) bytes for 256 bits")
        self.bits = Array(bits)
    }

    /// Whether one of them stands in a text.
    func stands(in text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.contains { bits[Int($0 >> 3)] & (1 << ($0 & 7)) != 0 }
    }
}
