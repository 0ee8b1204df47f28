import Moderation

// What the readers of OpenAI's streams share: how an event is cut, is read as the end, and is written anew.

extension ServerSentEvents {
    /// The events that the next bytes complete, or at the stream's end (nil) what is left.
    mutating func events(completedBy bytes: [UInt8]?) throws(DialectError) -> [ServerSentEvent] {
        do {
            return if let bytes { try read(bytes) } else { try finish() }
        } catch {
            throw .shape(field: "stream", expected: "server-sent events of at most 1 MiB")
        }
    }
}

extension ServerSentEvent {
    /// Whether it is the `[DONE]` that ends streams of OpenAI's older APIs.
    var isDone: Bool {
        data.map { String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isWhitespace) == ["[DONE]"] } ?? false
    }
}

extension StreamEvent {
    /// The event's bytes with some of its texts replaced, and its echoes by `echo`.
    func rewritten(texts changed: [Int: String], echo: String) -> [UInt8] {
        guard !changed.isEmpty else { return bytes }
        guard let document = try? JSONDocument(payload, surrogates: .replace) else { return [] }
        // Line ends stand only between values here: strict JSON has none inside strings.
        let payload = document.replacing(edits(texts: changed, echo: echo)).map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        return preamble + Array("data: ".utf8) + payload + Array("\n\n".utf8)
    }
}
