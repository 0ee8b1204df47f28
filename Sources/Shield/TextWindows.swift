/// Cuts a long text into overlapping windows, so that no part of it goes unread.
package enum TextWindows {
    /// Ranges that together cover `0 ..< count`, each at most `window` long, neighbours sharing `overlap` tokens.
    ///
    /// The last window ends with the text and keeps its full length: a short rest is read with what stands before it.
    ///
    /// - Precondition: `0 <= overlap < window`.
    package static func ranges(count: Int, window: Int, overlap: Int) -> [Range<Int>] {
        precondition(overlap >= 0 && overlap < window, "overlap \(overlap) must be in 0 ..< \(window)")
        guard count > window else { return [0..<count] }
        var ranges: [Range<Int>] = []
        var start = 0
        while start + window < count {
            ranges.append(start..<start + window)
            start += window - overlap
        }
        ranges.append(count - window..<count)
        return ranges
    }
}
