/// How a streamed answer is held back and judged.
///
/// All sizes in UTF-8 bytes of text, except where said.
///
/// Text is released only after it was judged together with all text before it, up to a word's end and at least
/// ``holdBackBytes`` before the end of what was judged.
///
/// While one window is judged the next one fills, so a slow judge gets larger windows by itself.
public struct StreamWindows: Sendable, Hashable {
    /// New text that starts the first judging: small, so that the first words come soon.
    public var firstBytes: Int
    /// Factor by which each window is larger than the one before: later judging reads more text.
    public var growth: Double
    /// Largest window.
    public var maxBytes: Int
    /// Text that stays back after each judging, so that a stretch to be masked is never cut in two.
    public var holdBackBytes: Int
    /// A word longer than this is cut; 1...
    public var maxWordBytes: Int
    /// Events held, in bytes as they came, from which reading waits for judging.
    ///
    /// Sixteen times as much ends the stream.
    public var heldBytes: Int

    /// Windows in a row at a rule's flag level that make a flag; 1...
    ///
    /// A last window at that level is one by itself.
    public var flagWindows: Int
    /// Windows in a row at a rule's block level that make a block; 1...
    ///
    /// While there are fewer, nothing more is released. A last window at that level is one by itself.
    public var blockWindows: Int

    /// Creates settings.
    public init(
        firstBytes: Int = 100,
        growth: Double = 1.5,
        maxBytes: Int = 400,
        holdBackBytes: Int = 64,
        maxWordBytes: Int = 1_024,
        heldBytes: Int = 1 << 18,
        flagWindows: Int = 2,
        blockWindows: Int = 1
    ) {
        self.firstBytes = firstBytes
        self.growth = growth
        self.maxBytes = maxBytes
        self.holdBackBytes = holdBackBytes
        self.maxWordBytes = maxWordBytes
        self.heldBytes = heldBytes
        self.flagWindows = flagWindows
        self.blockWindows = blockWindows
    }

    /// New text that starts judging number `index`, from 0.
    func bytes(ofWindow index: Int) -> Int {
        var size = Double(firstBytes)
        for _ in 0..<min(index, 64) where size < Double(maxBytes) { size *= growth }
        return max(1, min(Int(min(size, 1e9)), max(maxBytes, firstBytes)))
    }

    /// The last place at or before `limit` where a word ends; `limit` itself, moved to a scalar's start, when the word
    /// there is longer than ``maxWordBytes``.
    func wordEnd(in text: [UInt8], before limit: Int) -> Int {
        let limit = min(limit, text.count)
        guard limit > 0 else { return 0 }
        let floor = max(0, limit - maxWordBytes)
        var position = limit
        while position > floor {
            if isBreak(before: position, in: text) { return position }
            position -= 1
        }
        if floor == 0 { return 0 }
        position = limit
        while position > 0, position < text.count, text[position] & 0xC0 == 0x80 { position -= 1 }
        return position
    }

    /// Whether a word may end at `position`: after ASCII space, and around the scripts that write without spaces.
    private func isBreak(before position: Int, in text: [UInt8]) -> Bool {
        switch text[position - 1] {
        case 0x20, 0x0A, 0x0D, 0x09: return true
        default: break
        }
        guard position < text.count else { return false }
        // First byte of a scalar: Thai to Khmer begin with E0 B8..., E1 80..., E1 9E...; CJK, kana and the like with E2
        // BA up.
        switch text[position] {
        case 0xE0: return position + 1 < text.count && text[position + 1] >= 0xB8
        case 0xE1: return position + 1 < text.count && [0x80, 0x81, 0x82, 0x9E, 0x9F].contains(text[position + 1])
        case 0xE2: return position + 1 < text.count && text[position + 1] >= 0xBA
        case 0xE3...0xE9: return true
        default: return false
        }
    }
}
