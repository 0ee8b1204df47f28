import Gateway

extension JSONDocument {
    /// The document with a text in the place of each string, number and key in turn.
    func planted(_ text: String) -> [String] {
        var found: [Range<Int>] = []
        visit(root) { value in
            if value.isString || value.kind == .number { found.append(value.range) }
            found += (value.members ?? []).map(\.keyRange)
        }
        return found.map { range in
            let edit = Edit(range: range, replacement: JSONText.quoted(text))
            return String(decoding: replacing([edit]), as: UTF8.self)
        }
    }

    /// The document with one more member in each object in turn.
    func withMember(_ member: String) -> [String] {
        var found: [JSONValue] = []
        visit(root) { value in if value.members != nil { found.append(value) } }
        return found.map { object in
            let start = object.range.lowerBound
            let comma = object.members?.isEmpty == true ? "" : ","
            let edit = Edit(range: start..<start + 1, replacement: "{" + member + comma)
            return String(decoding: replacing([edit]), as: UTF8.self)
        }
    }

    /// Every value, outermost first.
    private func visit(_ value: JSONValue, _ body: (JSONValue) -> Void) {
        body(value)
        for element in value.elements ?? [] { visit(element, body) }
        for member in value.members ?? [] { visit(member.value, body) }
    }
}

extension DialectFixture {
    /// The documents of an answer, each with the way to put a changed one in its place.
    func documents(
        in answer: String,
        streamed: Bool
    ) throws -> [(whole: @Sendable (String) -> String, document: JSONDocument)] {
        guard streamed else { return [({ $0 }, try JSONDocument(Array(answer.utf8)))] }
        let request = try decode(request(streamed: true), streamed: true)
        guard var reader = try dialect().makeStreamReader(for: request, mediaType: settings.streamType) else {
            return []
        }
        let events = try reader.read(Array(answer.utf8)) + reader.finish()
        var documents: [(whole: @Sendable (String) -> String, document: JSONDocument)] = []
        var before = ""
        for (index, event) in events.enumerated() {
            let text = String(decoding: event.bytes, as: UTF8.self)
            let after = String(decoding: events[(index + 1)...].flatMap(\.bytes), as: UTF8.self)
            if !event.payload.isEmpty {
                let payload = String(decoding: event.payload, as: UTF8.self)
                let whole = { @Sendable [before] (changed: String) -> String in
                    before + text.replacing(payload, with: changed) + after
                }
                documents.append((whole, try JSONDocument(event.payload)))
            }
            before += text
        }
        return documents
    }
}
