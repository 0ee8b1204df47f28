public import Moderation

/// Cuts a streamed answer into events, finds the text in them, and writes the events that a gateway adds.
public protocol StreamReader: Sendable {
    /// Takes the next bytes, cut anywhere, and returns the events that they complete.
    ///
    /// - Throws: ``DialectError`` when an event can't be read; nothing after it may be released.
    mutating func read(_ bytes: [UInt8]) throws(DialectError) -> [StreamEvent]

    /// Returns what is left when the upstream has closed.
    mutating func finish() throws(DialectError) -> [StreamEvent]

    /// An event's bytes with some of its texts replaced, by index in ``StreamEvent/texts``.
    func rewrite(_ event: StreamEvent, texts: [Int: String]) -> [UInt8]

    /// Takes note that the client was given an event: what is added later has to fit behind it.
    mutating func released(_ event: StreamEvent)

    /// What keeps the connection busy while text is held back; empty where the API has no such thing.
    var keepAlive: [UInt8] { get }

    /// What ends the stream when a choice is blocked: the refusal and the closing events.
    ///
    /// - Parameters:
    ///   - reply: what the client is told.
    ///   - choice: which choice is blocked.
    ///   - isOpen: whether the client was given an event of that choice before.
    func refusal(_ reply: String, choice: Int, isOpen: Bool) -> [UInt8]

    /// What ends the stream when it can't go on.
    func failure(_ error: PublicError) -> [UInt8]
}

extension StreamReader {
    /// Nothing to note: what is added fits anywhere.
    public func released(_ event: StreamEvent) {}
}

/// Where text of a stream belongs: one string of the answer that grows piece by piece.
public struct StreamField: Sendable, Hashable {
    /// Which choice.
    public var choice: Int
    /// What it carries.
    public var kind: PartKind
    /// JSON pointer of the string in the answer as it would be if it were not streamed.
    public var pointer: String

    /// Creates a field.
    public init(choice: Int, kind: PartKind, pointer: String) {
        self.choice = choice
        self.kind = kind
        self.pointer = pointer
    }
}

/// One event of a streamed answer.
public struct StreamEvent: Sendable, Hashable {
    /// A piece of text in the event.
    public struct Text: Sendable, Hashable {
        /// Which string it continues.
        public var field: StreamField
        /// The piece, escapes resolved.
        public var text: String
        /// The string literal in ``StreamEvent/payload``, quotes included.
        public var range: Range<Int>
        /// Whether the string is said anew, rather than piece by piece: the same text again, or all of the string's text so
        /// far, is not news.
        public var isRepeated: Bool

        /// Creates a piece.
        public init(field: StreamField, text: String, range: Range<Int>, isRepeated: Bool = false) {
            self.field = field
            self.text = text
            self.range = range
            self.isRepeated = isRepeated
        }
    }

    /// The event as it came, with its ending.
    public var bytes: [UInt8]
    /// What stands around the document, such as an event's name; kept when the event is rewritten.
    public var preamble: [UInt8]
    /// The document inside it; empty when it carries none.
    public var payload: [UInt8]
    /// The text in it, in document order.
    public var texts: [Text]
    /// Values of the payload that repeat the text in another form, such as token probabilities; they go when text is
    /// replaced.
    public var echoes: [Range<Int>]
    /// Fields of kinds that aren't scanned.
    public var unscanned: [Part]
    /// Choices that it belongs to.
    public var choices: [Int]
    /// Choices that it finishes.
    public var finished: [Int]
    /// Whether it is the last of the stream.
    public var isEnd: Bool
    /// Whether the upstream reports an error in it.
    public var isError: Bool

    /// Creates an event.
    public init(
        bytes: [UInt8],
        preamble: [UInt8] = [],
        payload: [UInt8] = [],
        texts: [Text] = [],
        echoes: [Range<Int>] = [],
        unscanned: [Part] = [],
        choices: [Int] = [],
        finished: [Int] = [],
        isEnd: Bool = false,
        isError: Bool = false
    ) {
        self.bytes = bytes
        self.preamble = preamble
        self.payload = payload
        self.texts = texts
        self.echoes = echoes
        self.unscanned = unscanned
        self.choices = choices
        self.finished = finished
        self.isEnd = isEnd
        self.isError = isError
    }
}

extension StreamEvent {
    /// Adds what was found in the event's document.
    mutating func add(_ fields: [DocumentField], of choice: Int, by reader: DocumentReader) {
        for field in fields {
            guard field.kind.isText else {
                unscanned.append(Part(kind: field.kind, text: "", pointer: field.pointer))
                continue
            }
            guard let text = reader.document.string(field.value), !text.isEmpty else { continue }
            let place = StreamField(choice: choice, kind: field.kind, pointer: field.pointer)
            texts.append(Text(field: place, text: text, range: field.value.range, isRepeated: field.isRepeated))
        }
    }
}
