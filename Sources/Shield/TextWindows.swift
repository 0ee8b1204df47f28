/// Cuts a long text into overlapping windows, so that no part of it goes unread.
package enum TextWindows {
    /// Ranges that together cover `0 ..< count`, each at most `window` long, neighbours sharing `overlap` tokens.
    ///
    /// Every window begins at a multiple of `window - overlap`, so a text that grows keeps all its windows and adds to the
    /// last one. That one has at least one token of its own behind the `overlap` that it shares.
    ///
    /// - Precondition: `0 <= overlap < window`.
    package static func ranges(count: Int, window: Int, overlap: Int) -> [Range<Int>] {
        precondition(overlap >= 0 && overlap < window, "overlap \(overlap) must be in 0 ..< \(window)")
        var ranges: [Range<Int>] = []
        var start = 0
        while start + window < count {
            ranges.append(start..<start + window)
            start += window - overlap
        }
        ranges.append(start..<count)
        return ranges
    }
}
