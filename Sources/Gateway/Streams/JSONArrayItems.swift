/// A stretch of a streamed JSON array: what stands before an item, and the item.
package struct JSONArrayPiece: Sendable, Hashable {
    /// Bracket, comma and space before the item.
    package var lead: [UInt8]
    /// The item; empty in the array's end and in what follows it.
    package var item: [UInt8] = []
    /// Whether the array's closing bracket is in it.
    package var isEnd = false

    /// Every byte of it.
    package var bytes: [UInt8] { lead + item }
}

/// Why a stream is not a JSON array of objects.
package enum JSONArrayError: Error, Sendable, Hashable {
    /// Something stands where the array, an object, a comma or the end must stand.
    case unexpectedByte
    /// The stream ends within the array.
    case cutShort
    /// An item is longer than can be held.
    case tooLong
}

/// Cuts bytes into the items of one JSON array of objects, wherever the pieces were cut.
///
/// Items are found by their brackets; whether they are JSON is for their reader to say. Every byte is kept, so that an
/// item can be passed on exactly as it came.
package struct JSONArrayItems: Sendable {
    /// What is expected next.
    private enum State: Sendable, Hashable {
        case array, firstItem, item, commaOrEnd, nextItem, nothing
    }

    private let maxItemBytes: Int
    private var state = State.array
    private var piece = JSONArrayPiece(lead: [])
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    package init(maxItemBytes: Int = 1 << 20) {
        self.maxItemBytes = maxItemBytes
    }

    /// Takes the next bytes and returns the pieces that they complete.
    package mutating func read(_ bytes: [UInt8]) throws(JSONArrayError) -> [JSONArrayPiece] {
        var pieces: [JSONArrayPiece] = []
        for byte in bytes {
            if state == .item {
                piece.item.append(byte)
                if endsItem(byte) {
                    state = .commaOrEnd
                    pieces.append(take())
                }
            } else {
                try readBetween(byte, into: &pieces)
            }
            guard piece.lead.count + piece.item.count <= maxItemBytes else { throw .tooLong }
        }
        return pieces
    }

    /// Returns what is left when the stream has ended: space after the array.
    ///
    /// A stream without any bytes is no array, and no error either.
    package mutating func finish() throws(JSONArrayError) -> [JSONArrayPiece] {
        guard state == .nothing || (state == .array && piece.lead.isEmpty) else { throw .cutShort }
        return piece.lead.isEmpty ? [] : [take()]
    }

    private mutating func readBetween(_ byte: UInt8, into pieces: inout [JSONArrayPiece]) throws(JSONArrayError) {
        switch (byte, state) {
        case (0x20, _), (0x09, _), (0x0A, _), (0x0D, _):
            piece.lead.append(byte)
        case (UInt8(ascii: "["), .array):
            piece.lead.append(byte)
            state = .firstItem
        case (UInt8(ascii: ","), .commaOrEnd):
            piece.lead.append(byte)
            state = .nextItem
        case (UInt8(ascii: "{"), .firstItem), (UInt8(ascii: "{"), .nextItem):
            piece.item.append(byte)
            depth = 1
            state = .item
        case (UInt8(ascii: "]"), .firstItem), (UInt8(ascii: "]"), .commaOrEnd):
            piece.lead.append(byte)
            piece.isEnd = true
            state = .nothing
            pieces.append(take())
        default:
            throw .unexpectedByte
        }
    }

    private mutating func endsItem(_ byte: UInt8) -> Bool {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return false
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
        return depth == 0
    }

    private mutating func take() -> JSONArrayPiece {
        defer { piece = JSONArrayPiece(lead: []) }
        return piece
    }
}
