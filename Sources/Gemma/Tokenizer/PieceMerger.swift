/// Byte-pair merging of one run of text, as SentencePiece does it: of all neighbours whose joined bytes are a normal
/// piece, the pair with the highest score is joined first; O(n log n) by a heap and a linked list.
///
/// Ties go to the leftmost pair.
struct PieceMerger {
    /// A stretch of the text that is one piece so far.
    private struct Symbol {
        var start: Int
        /// 0 once it was joined to its left neighbour.
        var length: Int
        var previous: Int
        var next: Int
        /// The normal piece it is, or -1 for a single character that is none.
        var id: TokenID
    }

    private struct Candidate {
        let score: Float
        let id: TokenID
        let left: Int
        let right: Int
        let leftLength: Int
        let rightLength: Int

        func isBefore(_ other: Candidate) -> Bool {
            if score != other.score { return score > other.score }
            return left < other.left
        }
    }

    private let vocabulary: Vocabulary
    private var symbols: [Symbol] = []
    private var heap: [Candidate] = []

    init(_ vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
    }

    /// Splits `text` (valid UTF-8, spaces already marked) and calls `body` with each piece's id, or -1, and bytes.
    mutating func split(_ text: UnsafeRawBufferPointer, _ body: (TokenID, UnsafeRawBufferPointer) -> Void) {
        place(text)
        for index in symbols.indices.dropLast() {
            consider(index, index + 1, text)
        }
        while let best = popBest() {
            merge(best, text)
        }
        var index = symbols.isEmpty ? -1 : 0
        while index >= 0 {
            let symbol = symbols[index]
            body(symbol.id, Self.slice(text, symbol.start, symbol.length))
            index = symbol.next
        }
    }

    /// One symbol for each character.
    private mutating func place(_ text: UnsafeRawBufferPointer) {
        symbols.removeAll(keepingCapacity: true)
        heap.removeAll(keepingCapacity: true)
        var start = 0
        while start < text.count {
            let length = min(Self.scalarLength(text[start]), text.count - start)
            let index = symbols.count
            let id = normalPiece(Self.slice(text, start, length)) ?? -1
            symbols.append(Symbol(start: start, length: length, previous: index - 1, next: index + 1, id: id))
            start += length
        }
        if let last = symbols.indices.last { symbols[last].next = -1 }
    }

    private mutating func merge(_ best: Candidate, _ text: UnsafeRawBufferPointer) {
        // Lengths only grow, or become 0: equal lengths mean neither half was joined to anything since.
        guard
            symbols[best.left].length == best.leftLength,
            symbols[best.right].length == best.rightLength
        else { return }
        symbols[best.left].length += best.rightLength
        symbols[best.left].id = best.id
        symbols[best.right].length = 0
        let next = symbols[best.right].next
        symbols[best.left].next = next
        if next >= 0 {
            symbols[next].previous = best.left
            consider(best.left, next, text)
        }
        let previous = symbols[best.left].previous
        if previous >= 0 { consider(previous, best.left, text) }
    }

    private mutating func consider(_ left: Int, _ right: Int, _ text: UnsafeRawBufferPointer) {
        let (leftLength, rightLength) = (symbols[left].length, symbols[right].length)
        guard
            leftLength + rightLength <= vocabulary.longestPieceBytes,
            let id = normalPiece(Self.slice(text, symbols[left].start, leftLength + rightLength))
        else { return }
        push(
            Candidate(
                score: vocabulary.score(id),
                id: id,
                left: left,
                right: right,
                leftLength: leftLength,
                rightLength: rightLength
            )
        )
    }

    private func normalPiece(_ bytes: UnsafeRawBufferPointer) -> TokenID? {
        guard let id = vocabulary.id(bytes), vocabulary.kind(id) == .normal else { return nil }
        return id
    }

    private mutating func push(_ candidate: Candidate) {
        var index = heap.count
        heap.append(candidate)
        while index > 0 {
            let parent = (index - 1) / 2
            guard candidate.isBefore(heap[parent]) else { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = candidate
    }

    private mutating func popBest() -> Candidate? {
        guard let best = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return best }
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count && heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(last) else { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = last
        return best
    }

    private static func slice(_ text: UnsafeRawBufferPointer, _ start: Int, _ length: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: text[start..<start + length])
    }

    private static func scalarLength(_ lead: UInt8) -> Int {
        switch lead {
        case 0xF0...: 4
        case 0xE0...: 3
        case 0xC0...: 2
        default: 1
        }
    }
}
