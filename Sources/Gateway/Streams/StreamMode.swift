/// When an answer is released.
public enum StreamMode: String, Sendable, Hashable, CaseIterable {
    /// Text is released as it is judged, some way behind.
    case hold
    /// Everything is held until all of it was judged.
    case whole
    /// Everything is passed on at once and as it comes; what would have been done is recorded.
    case observe
}
