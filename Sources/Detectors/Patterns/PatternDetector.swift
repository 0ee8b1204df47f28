public import Moderation

/// Finds regular expressions: PCRE2 syntax, case matters unless the pattern says `(?i)`, Unicode classes.
///
/// A match is never empty. Each search works under step, depth, memory and time limits, so that a pattern which would run
/// away is an error instead. A pattern that looks ahead, or asks for the end of the text, may take back a match when the
/// text grows; every other match only ever reaches further.
public struct PatternDetector: Detector {
    private let patterns: [CompiledPattern]
    private let limits: PatternLimits

    /// Compiles the patterns.
    ///
    /// - Throws: `DetectionError` for the first pattern that doesn't compile, with PCRE2's message and the place, or that runs
    ///   away on a short text.
    public init(_ patterns: [String]) throws(DetectionError) {
        try self.init(patterns, limits: PatternLimits())
    }

    /// Compiles the patterns, with limits of one's own.
    package init(_ patterns: [String], limits: PatternLimits) throws(DetectionError) {
        self.limits = limits
        var compiled: [CompiledPattern] = []
        for (item, pattern) in patterns.enumerated() {
            guard !pattern.isEmpty else {
                throw DetectionError(item: item, message: "the pattern is empty", help: "write a regular expression")
            }
            do throws(PatternSyntaxError) {
                compiled.append(try CompiledPattern(pattern))
            } catch {
                throw DetectionError(
                    item: item,
                    message: "the pattern does not compile: \(error.message) (at character \(error.offset + 1))",
                    help: "patterns use PCRE2 syntax; in YAML, single quotes keep backslashes as they are"
                )
            }
        }
        for (item, pattern) in patterns.enumerated() {
            guard let length = PatternProbe.runsAway(pattern) else { continue }
            throw DetectionError(
                item: item,
                message:
                    "the pattern runs away: a search of \(length) characters is stuck, since a repetition can match the "
                    + "same characters in very many ways",
                help:
                    "repeat one thing once, as in 'a+' for '(a+)+'; let alternatives begin differently; or give nothing "
                    + "back, as in '(?:a+)++'"
            )
        }
        self.patterns = compiled
    }

    /// Every stretch that one of the patterns matches.
    public func matches(in text: String) throws -> [Match] {
        try text.withUTF8Bytes { bytes throws(PatternSearchError) in
            var found: [Match] = []
            for pattern in patterns {
                found += try pattern.ranges(in: bytes, limits: limits).map {
                    Match(range: $0, label: "pattern", replacement: "[PATTERN]")
                }
            }
            return found.union()
        }
    }
}
