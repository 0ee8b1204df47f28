/// Looks for words in a text as the databases do: without regard to case.
///
/// ASCII is compared as it is, which is quicker than to fold what other scripts call the same.
struct WordSearch {
    private let words: [UInt8]
    private let isASCII: Bool

    init(_ words: String) {
        isASCII = words.utf8.allSatisfy { $0 < 128 }
        self.words = Array((isASCII ? words.lowercased() : CaseFolding.fold(words)).utf8)
    }

    func matches(_ text: String) -> Bool {
        let bytes = Array((isASCII ? text : CaseFolding.fold(text)).utf8)
        return bytes.indices.dropLast(words.count - 1).contains { start in
            words.indices.allSatisfy { lower(bytes[start + $0]) == words[$0] }
        }
    }

    private func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
