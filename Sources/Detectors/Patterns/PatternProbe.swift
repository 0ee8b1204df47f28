/// Tries whether a pattern runs away, on texts that are made for it.
///
/// Whether a pattern with back references and look-around can run away can't be told from its form alone, so it is tried: for
/// each of its repetitions, a text that leads there, what keeps it going a few dozen times, and an end that fails. A pattern
/// that is slow in proportion to a power of the length needs far fewer steps for these than one that doubles them with each
/// character.
enum PatternProbe {
    /// How often a repetition is kept going.
    private static let rounds = 32
    /// Steps that no pattern but one that runs away needs for texts so short.
    private static let steps: UInt32 = 500_000
    /// Most texts that are tried.
    private static let longestList = 400

    /// The length, in characters, of a short text on which the pattern runs away; nil when none was found.
    static func runsAway(_ pattern: String) -> Int? {
        guard let compiled = try? CompiledPattern(pattern, isProbe: true) else { return nil }
        var limits = PatternLimits()
        limits.steps = steps
        var tried: Set<String> = []
        for (prefix, units) in PatternOutline(pattern).pumps() {
            for unit in units.sorted() {
                for end in ["\u{1}", "!", ""] {
                    let text = prefix + String(repeating: unit, count: rounds) + end
                    guard text.utf8.count <= 4096, tried.count < longestList, tried.insert(text).inserted else {
                        continue
                    }
                    let isStuck = text.withUTF8Bytes { bytes in
                        do throws(PatternSearchError) {
                            var search = try PatternSearch(compiled, text: bytes, limits: limits)
                            _ = try search.next(from: 0)
                            return false
                        } catch {
                            return true
                        }
                    }
                    if isStuck { return text.unicodeScalars.count }
                }
            }
        }
        return nil
    }
}
