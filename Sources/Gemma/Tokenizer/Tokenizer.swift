/// The SentencePiece-style byte-pair tokenizer that a Gemma GGUF file carries in its metadata.
///
/// Text is always plain text: a control token's name in it, such as `<end_of_turn>`, is cut into ordinary pieces, and
/// so is the name of a media marker. The control tokens themselves come from ``id(of:)``.
public struct Tokenizer: Sendable {
    /// The number of tokens.
    public var vocabularySize: Int { vocabulary.count }
    /// Begins every sequence.
    public let beginID: TokenID
    /// Ends a document.
    public let endID: TokenID
    /// Ends a turn of a conversation, in vocabularies that have `<end_of_turn>`.
    public let endOfTurnID: TokenID?

    private let vocabulary: Vocabulary
    private let unknownID: TokenID
    /// The token of each byte value, or nil in vocabularies without byte fallback.
    private let byteIDs: [TokenID]?
    /// The value of each byte token.
    private let byteValues: [TokenID: UInt8]
    private let fixedPieces: FixedPieces
    private let addsSpacePrefix: Bool

    /// Reads the tokenizer of a model file; the file stays mapped as long as the tokenizer lives.
    ///
    /// - Throws: ``GemmaError/missingMetadata(key:)``, ``GemmaError/invalidMetadata(key:found:expected:)`` or
    ///   ``GemmaError/invalidTokenizer(found:expected:)``.
    public init(_ gguf: GGUFFile) throws(GemmaError) {
        let metadata = gguf.metadata
        let model = try metadata.string("tokenizer.ggml.model") ?? "none"
        guard model == "llama" else {
            throw .invalidTokenizer(found: "the model '\(model)'", expected: "'llama', the SentencePiece form")
        }
        let vocabulary = try Vocabulary(gguf)
        func special(_ key: String, default fallback: Int) throws(GemmaError) -> TokenID {
            let id = try metadata.integer("tokenizer.ggml." + key) ?? fallback
            guard id < vocabulary.count else {
                throw .invalidMetadata(
                    key: "tokenizer.ggml." + key,
                    found: "\(id)",
                    expected: "less than the vocabulary's \(vocabulary.count)"
                )
            }
            return TokenID(id)
        }
        beginID = try special("bos_token_id", default: 2)
        endID = try special("eos_token_id", default: 1)
        unknownID = try special("unknown_token_id", default: 3)
        addsSpacePrefix = try metadata.bool("tokenizer.ggml.add_space_prefix") ?? false
        var byteIDs: [TokenID] = []
        for byte in UInt8.min...UInt8.max {
            let hex = String(byte, radix: 16, uppercase: true)
            if let id = vocabulary.id("<0x\(hex.count == 1 ? "0" : "")\(hex)>") { byteIDs.append(id) }
        }
        self.byteIDs = byteIDs.count == 256 ? byteIDs : nil
        byteValues =
            byteIDs.count == 256
            ? Dictionary(byteIDs.enumerated().map { ($1, UInt8($0)) }, uniquingKeysWith: { first, _ in first }) : [:]
        fixedPieces = FixedPieces(vocabulary)
        endOfTurnID = vocabulary.id("<end_of_turn>")
        self.vocabulary = vocabulary
    }

    /// The token whose piece is exactly `piece`, of any kind, control tokens included; word beginnings are written
    /// with U+2581, as in the file.
    public func id(of piece: String) -> TokenID? {
        vocabulary.id(piece)
    }

    /// True for tokens that are never part of text: control and unknown tokens.
    public func isControl(_ id: TokenID) -> Bool {
        guard (0..<vocabularySize).contains(Int(id)) else { return false }
        return vocabulary.kind(id) == .control || vocabulary.kind(id) == .unknown
    }

    /// The tokens of a plain text, without a beginning token, in O(n log n) time.
    public func encode(_ text: String) -> [TokenID] {
        guard !text.isEmpty else { return [] }
        let marked = Self.markingSpaces(text, prefix: addsSpacePrefix)
        var result: [TokenID] = []
        result.reserveCapacity(marked.count / 3 + 1)
        marked.withUnsafeBytes { bytes in
            var merger = PieceMerger(vocabulary)
            func encodeRun(_ range: Range<Int>) {
                guard !range.isEmpty else { return }
                merger.split(UnsafeRawBufferPointer(rebasing: bytes[range])) { id, piece in
                    if id >= 0 {
                        result.append(id)
                    } else if let byteIDs {
                        result.append(contentsOf: piece.map { byteIDs[Int($0)] })
                    } else {
                        result.append(unknownID)
                    }
                }
            }
            var runStart = 0
            var position = 0
            while position < bytes.count {
                if let match = fixedPieces.longestMatch(in: bytes, at: position) {
                    encodeRun(runStart..<position)
                    result.append(match.id)
                    position += match.length
                    runStart = position
                } else {
                    position += 1
                }
            }
            encodeRun(runStart..<bytes.count)
        }
        return result
    }

    /// The text of some tokens; control tokens and ids outside the vocabulary give nothing, and bytes that are not
    /// UTF-8 are repaired.
    public func decode(_ tokens: [TokenID]) -> String {
        var bytes: [UInt8] = []
        for token in tokens {
            appendBytes(of: token, to: &bytes)
        }
        if addsSpacePrefix && bytes.first == UInt8(ascii: " ") { bytes.removeFirst() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the bytes that a token stands for.
    func appendBytes(of token: TokenID, to bytes: inout [UInt8]) {
        guard (0..<vocabularySize).contains(Int(token)) else { return }
        if let byte = byteValues[token] {
            bytes.append(byte)
            return
        }
        switch vocabulary.kind(token) {
        case .control, .unknown, .unused: return
        case .normal, .userDefined, .byte: break
        }
        let piece = vocabulary.piece(token)
        var index = 0
        while index < piece.count {
            if piece[index] == Vocabulary.spaceMark[0], piece[index...].starts(with: Vocabulary.spaceMark) {
                bytes.append(UInt8(ascii: " "))
                index += Vocabulary.spaceMark.count
            } else {
                bytes.append(piece[index])
                index += 1
            }
        }
    }

    /// The UTF-8 bytes of a text with every space as U+2581.
    static func markingSpaces(_ text: String, prefix: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + text.utf8.count / 2)
        if prefix { bytes.append(contentsOf: Vocabulary.spaceMark) }
        for byte in text.utf8 {
            if byte == UInt8(ascii: " ") {
                bytes.append(contentsOf: Vocabulary.spaceMark)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}

extension Vocabulary {
    func id(_ piece: String) -> TokenID? {
        var piece = piece
        return piece.withUTF8 { id(UnsafeRawBufferPointer($0)) }
    }
}
