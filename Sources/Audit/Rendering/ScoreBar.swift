import Moderation

/// Draws a score against the thresholds of its rule.
enum ScoreBar {
    /// A bar of `cells` characters for 0...1: `█` up to the score, `·` after it, `┊` where flagging and `│` where blocking
    /// begins.
    static func draw(_ score: Double, thresholds: Thresholds?, cells: Int = 30) -> String {
        let filled = Int((min(max(score, 0), 1) * Double(cells)).rounded())
        var bar = (0..<cells).map { $0 < filled ? Character("█") : Character("·") }
        func mark(_ threshold: Double?, _ character: Character) {
            guard let threshold, (0...1).contains(threshold) else { return }
            bar[min(cells - 1, Int(threshold * Double(cells)))] = character
        }
        mark(thresholds?.flag, "┊")
        mark(thresholds?.block, "│")
        return String(bar)
    }
}
