/// A stretch of text that a detector recognised.
public struct Match: Sendable, Hashable {
    /// Label of a placeholder that gives way to the words that it stands for.
    static let restored = "restored"

    /// Where: UTF-8 offsets in the text that was searched.
    public var range: Range<Int>
    /// What: a label from a closed set, such as `email`; never the matched text.
    public var label: String
    /// What stands in its place when the rule redacts, such as `[EMAIL]`.
    public var replacement: String

    /// Creates a match.
    public init(range: Range<Int>, label: String, replacement: String) {
        self.range = range
        self.label = label
        self.replacement = replacement
    }
}

/// Finds stretches of text: terms, patterns, personal data, secrets.
public protocol Detector: Sendable {
    /// In which other readings of a text it looks too.
    var readingKinds: Set<Reading.Kind> { get }

    /// Every match in `text`, in order of position, without overlaps.
    ///
    /// A growing text (a streamed answer) may be searched again and again. A match that is followed by at least two more
    /// Unicode scalars stays covered in each longer text that begins with this one, though it may then reach further; one
    /// at the very end may yet turn out to be none ("cat" becomes "category").
    ///
    /// - Throws: an error that carries no part of the text, when the search could not be completed.
    func matches(in text: String) throws -> [Match]
}

extension Detector {
    /// Where numbers and signs keep their meaning.
    public var readingKinds: Set<Reading.Kind> { [.plain, .decoded] }
}

/// Makes detectors from what a rule says; also how a policy file is checked before it goes live.
public protocol DetectorBuilder: Sendable {
    /// The detector for a detection; nil for a principle or examples, which the classifier judges.
    ///
    /// - Throws: ``DetectionError`` when the detection can't work, such as a pattern that doesn't compile.
    func detector(for detection: Detection) throws(DetectionError) -> (any Detector)?
}

/// Why a detection can't work.
public struct DetectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Index of the offending item in its list (which pattern, which term).
    public var item: Int
    /// What was found and what was expected.
    public var message: String
    /// What to do about it.
    public var help: String?

    /// Creates an error.
    public init(item: Int, message: String, help: String? = nil) {
        self.item = item
        self.message = message
        self.help = help
    }

    /// The message.
    public var description: String { message }
}

/// Masks personal data and secrets in text that is to be kept.
public protocol ContentRedactor: Sendable {
    /// The text with every match replaced, and the labels of what was masked.
    func redact(_ text: String) throws -> (text: String, labels: [String])
}

extension String {
    /// The text with each match replaced.
    ///
    /// Matches must be ordered and must not overlap; ranges are UTF-8 offsets.
    public func replacing(_ matches: [Match]) -> String {
        guard !matches.isEmpty else { return self }
        var out = ""
        var position = utf8.startIndex
        for match in matches {
            let start = utf8.index(utf8.startIndex, offsetBy: match.range.lowerBound)
            out += self[position..<start]
            out += match.replacement
            position = utf8.index(utf8.startIndex, offsetBy: match.range.upperBound)
        }
        return out + self[position...]
    }
}
