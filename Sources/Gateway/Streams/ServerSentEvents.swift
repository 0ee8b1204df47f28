/// One server-sent event, as it came and as it reads; its comments have lost their text.
struct ServerSentEvent: Sendable, Hashable {
    /// Every byte of it, its blank line included.
    var bytes: [UInt8]
    /// Its `data` lines, joined by line feeds; nil when it has none.
    var data: [UInt8]?
    /// Its other lines (names, ids), each ended by a line feed.
    var otherLines: [UInt8]
}

/// Why a stream is not one of server-sent events.
enum ServerSentEventError: Error, Sendable, Hashable {
    /// A line is neither a comment nor one of the four fields. Some readers would still make something of it.
    case unknownLine
    /// An event's name, id or time to retry has words in it, which some clients show.
    case words
    /// An event is longer than can be held.
    case tooLong
}

/// Cuts bytes into server-sent events, wherever the pieces were cut (WHATWG HTML, section 9.2.6).
///
/// Lines end in CR, LF or CRLF. The event's own bytes are kept, so that it can be passed on exactly as it came. Only
/// comments lose their text: readers pass over them, but people who look at a stream as it is don't.
struct ServerSentEvents: Sendable {
    /// A comment, which readers pass over.
    static let keepAlive = Array(": keep-alive\n\n".utf8)

    private let maxEventBytes: Int
    private var event = ServerSentEvent(bytes: [], data: nil, otherLines: [])
    private var line: [UInt8] = []
    /// Where the line begins in the event's bytes.
    private var lineStart = 0
    private var endsInCarriageReturn = false
    private var isFirstLine = true

    init(maxEventBytes: Int = 1 << 20) {
        self.maxEventBytes = maxEventBytes
    }

    /// Takes the next bytes and returns the events that they complete.
    mutating func read(_ bytes: [UInt8]) throws(ServerSentEventError) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            if endsInCarriageReturn {
                endsInCarriageReturn = false
                if byte == 0x0A {
                    event.bytes.append(byte)
                    try endLine(into: &events)
                    continue
                }
                try endLine(into: &events)
            }
            event.bytes.append(byte)
            guard event.bytes.count <= maxEventBytes else { throw .tooLong }
            switch byte {
            case 0x0D: endsInCarriageReturn = true
            case 0x0A: try endLine(into: &events)
            default: line.append(byte)
            }
        }
        return events
    }

    /// Returns the event that the stream's end cut short, made whole; lenient readers would act on it too.
    mutating func finish() throws(ServerSentEventError) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        if endsInCarriageReturn {
            endsInCarriageReturn = false
            try endLine(into: &events)
        }
        if !line.isEmpty {
            event.bytes.append(0x0A)
            try endLine(into: &events)
        }
        if !event.bytes.isEmpty {
            event.bytes.append(0x0A)
            try endLine(into: &events)
        }
        return events
    }

    private mutating func endLine(into events: inout [ServerSentEvent]) throws(ServerSentEventError) {
        defer {
            line.removeAll(keepingCapacity: true)
            lineStart = event.bytes.count
        }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else {
            events.append(event)
            event = ServerSentEvent(bytes: [], data: nil, otherLines: [])
            return
        }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data":
            event.data = event.data.map { $0 + [0x0A] + value } ?? Array(value)
        case "event", "id", "retry":
            guard value.count <= 64, value.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .words }
            event.otherLines += line + [0x0A]
        case "":
            event.bytes.replaceSubrange(lineStart..., with: [UInt8(ascii: ":"), 0x0A])
        default:
            throw .unknownLine
        }
    }
}
