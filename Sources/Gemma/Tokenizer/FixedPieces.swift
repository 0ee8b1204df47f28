/// The user-defined pieces, which are cut out of a text before anything is merged.
///
/// In Gemma's vocabularies: newline and space runs, tabs, HTML tags. The longest one at a place wins.
struct FixedPieces: Sendable {
    private struct Piece {
        let bytes: [UInt8]
        let id: TokenID
    }

    /// Pieces by their first byte, longest first.
    private let byFirstByte: [[Piece]]

    init(_ vocabulary: Vocabulary) {
        var lists = [[Piece]](repeating: [], count: 256)
        for id in 0..<TokenID(vocabulary.count) where vocabulary.kind(id) == .userDefined {
            let text = String(decoding: vocabulary.piece(id), as: UTF8.self)
            let bytes = Tokenizer.markingSpaces(text, prefix: false)
            guard let first = bytes.first, !Self.marksMedia(text) else { continue }
            lists[Int(first)].append(Piece(bytes: bytes, id: id))
        }
        byFirstByte = lists.map { list in list.sorted { $0.bytes.count > $1.bytes.count } }
    }

    func longestMatch(in text: UnsafeRawBufferPointer, at position: Int) -> (id: TokenID, length: Int)? {
        for piece in byFirstByte[Int(text[position])] where piece.bytes.count <= text.count - position {
            if text[position..<position + piece.bytes.count].elementsEqual(piece.bytes) {
                return (piece.id, piece.bytes.count)
            }
        }
        return nil
    }

    /// Markers of images and sound switch the model's input, so that user text must not be able to write them,
    /// though their type in the file is "user-defined".
    private static func marksMedia(_ piece: String) -> Bool {
        piece == "[multimodal]" || piece.hasPrefix("<start_of_") || piece.hasPrefix("<end_of_")
            || piece.hasSuffix("_soft_token>")
    }
}
