/// Another way to read a text: what it says once a trick of writing is undone.
public struct Reading: Sendable, Hashable {
    /// What was undone.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Compatibility forms, look-alike letters and characters that nobody sees; numbers and signs keep their meaning.
        case plain
        /// Digits for letters, letters set apart or repeated: only words are left to be trusted.
        case collapsed
        /// A stretch that was written in an encoding such as base64.
        case decoded
    }

    /// What was undone.
    public var kind: Kind
    /// What the text says then.
    public var text: String
    /// Whether it says something else to the model, so that it is worth judging too.
    public var isForModel: Bool
    private var offsets: [Int]

    /// Creates a reading whose characters each come from somewhere in the text.
    ///
    /// - Parameter offsets: for each UTF-8 offset of `text` and its end, the UTF-8 offset that it came from; they never fall.
    ///   What came from one offset, such as words that were decoded, came from all that lies before the next larger one.
    /// - Precondition: there are `text.utf8.count + 1` of them.
    public init(kind: Kind, text: String, isForModel: Bool, offsets: [Int]) {
        precondition(offsets.count == text.utf8.count + 1, "\(offsets.count) offsets for \(text.utf8.count) bytes")
        self.kind = kind
        self.text = text
        self.isForModel = isForModel
        self.offsets = offsets
    }

    /// A match in ``text`` as a match in the text that it was read from.
    public func original(_ match: Match) -> Match {
        var match = match
        let last = offsets.count - 1
        let start = offsets[min(match.range.lowerBound, last)]
        var end = min(match.range.upperBound, last)
        // Nothing of what the last byte came from is left.
        while end < last, end > 0, offsets[end] == offsets[end - 1] { end += 1 }
        match.range = start..<offsets[end]
        return match
    }
}

/// Undoes the tricks of writing that hide words from detectors.
public protocol TextReader: Sendable {
    /// What else a text can be read as; empty for a text without tricks.
    ///
    /// Of a growing text (a streamed answer): what was read of its beginning is read of the longer text too, apart from its
    /// last word.
    func readings(of text: String) -> [Reading]
}

/// Reads each text as it is written.
public struct PlainReader: TextReader {
    /// Creates the reader.
    public init() {}

    /// Nothing.
    public func readings(of text: String) -> [Reading] { [] }
}

/// The readings of the texts of one subject, each made once.
struct ReadingCache {
    let reader: any TextReader
    private var known: [String: [Reading]] = [:]

    init(reader: any TextReader) { self.reader = reader }

    mutating func readings(of text: String) -> [Reading] {
        guard !text.isEmpty, !(reader is PlainReader) else { return [] }
        if let readings = known[text] { return readings }
        let readings = reader.readings(of: text)
        known[text] = readings
        return readings
    }

    /// What else of a text the model is asked about.
    mutating func textsForModel(of text: String) -> [String] {
        readings(of: text).filter(\.isForModel).map(\.text)
    }
}
