public import Moderation

/// The detectors that Gatehouse brings along.
public struct BuiltInDetectors: DetectorBuilder {
    /// Creates the builder.
    public init() {}

    /// The detector for a detection; nil for a principle or examples, which the classifier judges.
    ///
    /// - Throws: `DetectionError` when a term is empty or too long, a pattern doesn't compile or would run away, a
    ///   language is not known, or a limit is none.
    public func detector(for detection: Detection) throws(DetectionError) -> (any Detector)? {
        switch detection {
        case .principle, .examples: nil
        case .terms(let terms): try TermDetector(terms)
        case .patterns(let patterns): try PatternDetector(patterns)
        case .pii(let kinds): PIIDetector(kinds)
        case .secrets(let kinds): SecretDetector(kinds)
        case .limits(let limits): try LimitDetector(limits)
        }
    }

    /// How much of a growing text can still turn out to be the beginning of a match: the most bytes of a match that can
    /// have been read before it is recognised.
    ///
    /// Whatever lies further from the end than this and is in no match stays in no match.
    ///
    /// - Returns: a number of UTF-8 bytes; nil where there is no bound (a principle, a regular expression).
    public static func holdBackBytes(for detection: Detection) -> Int? {
        switch detection {
        case .principle, .examples, .patterns, .limits: nil
        case .terms(let terms): TermDetector.longestMatchBytes(of: terms)
        case .pii(let kinds): kinds.map { Recognizer.recognizer(for: $0).holdBackBytes }.max() ?? 0
        case .secrets(let kinds): kinds.map { Recognizer.recognizer(for: $0).holdBackBytes }.max() ?? 0
        }
    }
}
