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

    private enum Origin: Sendable, Hashable {
        case offsets([Int])
        case stretch(Range<Int>)
    }

    /// What was undone.
    public var kind: Kind
    /// What the text says then.
    public var text: String
    /// Whether it says something else to the model, so that it is worth judging too.
    public var isForModel: Bool
    private var origin: Origin

    /// Creates a reading whose characters each come from somewhere in the text.
    ///
    /// - Parameter offsets: for each UTF-8 offset of `text` and its end, in rising order, the UTF-8 offset that it came from.
    /// - Precondition: there are `text.utf8.count + 1` of them.
    public init(kind: Kind, text: String, isForModel: Bool, offsets: [Int]) {
        precondition(offsets.count == text.utf8.count + 1, "\(offsets.count) offsets for \(text.utf8.count) bytes")
        self.kind = kind
        self.text = text
        self.isForModel = isForModel
        origin = .offsets(offsets)
    }

    /// Creates a reading of one stretch that can only be replaced as a whole.
    ///
    /// - Parameter stretch: its UTF-8 offsets.
    public init(kind: Kind, text: String, isForModel: Bool, stretch: Range<Int>) {
        self.kind = kind
        self.text = text
        self.isForModel = isForModel
        origin = .stretch(stretch)
    }

    /// A match in ``text`` as a match in the text that it was read from.
    public func original(_ match: Match) -> Match {
        var match = match
        switch origin {
        case .stretch(let stretch): match.range = stretch
        case .offsets(let offsets):
            let last = offsets.count - 1
            match.range = offsets[min(match.range.lowerBound, last)]..<offsets[min(match.range.upperBound, last)]
        }
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
