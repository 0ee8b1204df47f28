/// A token's number in the vocabulary, from 0.
public typealias TokenID = Int32

/// What a vocabulary entry is for, numbered as in `tokenizer.ggml.token_type`.
enum TokenKind: UInt8 {
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
    case byte = 6
}

/// The pieces of a tokenizer, still in the mapped file, with a hash table from bytes to token ids.
struct Vocabulary: Sendable {
    /// Marks a word's beginning in a piece, where the text has a space: U+2581 in UTF-8.
    static let spaceMark: [UInt8] = [0xE2, 0x96, 0x81]

    /// Longest search in the table that real vocabularies stay far below.
    private static let mostProbes = 4096

    private let file: MappedFile
    private let starts: [Int]
    private let lengths: [UInt32]
    private let kinds: [TokenKind]
    /// The merge priority of each piece, higher first; never NaN.
    private let scores: [Float]
    /// Open addressing with linear probing: token ids, or -1.
    private let table: [TokenID]
    /// Bytes of the longest normal piece.
    let longestPieceBytes: Int

    var count: Int { starts.count }

    /// Reads `tokenizer.ggml.tokens`, `.scores` and `.token_type`.
    init(_ gguf: GGUFFile) throws(GemmaError) {
        guard let tokens = try gguf.metadata.array("tokenizer.ggml.tokens") else {
            throw .missingMetadata(key: "tokenizer.ggml.tokens")
        }
        guard let scoreArray = try gguf.metadata.array("tokenizer.ggml.scores") else {
            throw .missingMetadata(key: "tokenizer.ggml.scores")
        }
        guard tokens.count > 0, tokens.count <= 1 << 24, scoreArray.count == tokens.count else {
            throw .invalidTokenizer(
                found: "\(tokens.count) pieces with \(scoreArray.count) scores",
                expected: "1...\(1 << 24) pieces and as many scores"
            )
        }
        scores = try scoreArray.floats().map { $0.isNaN ? -.infinity : $0 }
        var kinds = [TokenKind](repeating: .normal, count: tokens.count)
        if let kindArray = try gguf.metadata.array("tokenizer.ggml.token_type") {
            guard kindArray.count == tokens.count else {
                throw .invalidTokenizer(found: "\(kindArray.count) token types", expected: "\(tokens.count)")
            }
            for (index, raw) in try kindArray.integers().enumerated() {
                guard let kind = UInt8(exactly: raw).flatMap(TokenKind.init) else {
                    throw .invalidTokenizer(found: "token type \(raw)", expected: "a type of 1...6")
                }
                kinds[index] = kind
            }
        }
        var starts: [Int] = []
        var lengths: [UInt32] = []
        starts.reserveCapacity(tokens.count)
        lengths.reserveCapacity(tokens.count)
        try tokens.forEachString { _, place in
            starts.append(place.lowerBound)
            lengths.append(UInt32(place.count))
        }
        let file = tokens.file
        var capacity = 16
        while capacity < 2 * tokens.count { capacity *= 2 }
        var table = [TokenID](repeating: -1, count: capacity)
        var longest = 0
        for index in 0..<tokens.count {
            let length = Int(lengths[index])
            if kinds[index] == .normal { longest = max(longest, length) }
            let piece = UnsafeRawBufferPointer(rebasing: file.bytes[starts[index]..<starts[index] + length])
            var slot = Int(truncatingIfNeeded: Self.hash(piece)) & (capacity - 1)
            var probes = 0
            while table[slot] >= 0 {
                slot = (slot + 1) & (capacity - 1)
                probes += 1
                // Half of the table is free: only pieces made to collide, or one piece again and again, get here.
                guard probes < Self.mostProbes else {
                    throw .invalidTokenizer(found: "\(probes) pieces that collide", expected: "different pieces")
                }
            }
            table[slot] = TokenID(index)
        }
        self.file = file
        self.starts = starts
        self.lengths = lengths
        self.kinds = kinds
        self.table = table
        longestPieceBytes = longest
    }

    func kind(_ id: TokenID) -> TokenKind { kinds[Int(id)] }

    func score(_ id: TokenID) -> Float { scores[Int(id)] }

    /// The bytes of a piece as the file has them.
    func piece(_ id: TokenID) -> UnsafeRawBufferPointer {
        let start = starts[Int(id)]
        return UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + Int(lengths[Int(id)])])
    }

    /// The first token whose piece is exactly these bytes, of any kind.
    func id(_ bytes: UnsafeRawBufferPointer) -> TokenID? {
        let mask = table.count - 1
        var slot = Int(truncatingIfNeeded: Self.hash(bytes)) & mask
        while table[slot] >= 0 {
            let candidate = table[slot]
            let piece = piece(candidate)
            if piece.count == bytes.count && piece.elementsEqual(bytes) { return candidate }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// FNV-1a, with the high bits folded in for the table's mask.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        return hash ^ (hash >> 32)
    }
}
