import Moderation

/// Finds the text in a `response` object: its items, and what stands beside them.
///
/// An answer repeats what was asked (instructions, tools, settings). What it repeats exactly is the client's own and no
/// news; anything else is read.
struct OpenAIResponseReader {
    /// Fields that say how the answer was made, in labels.
    private static let settings: Set<String> = [
        "access_programs", "background", "billing", "content_filters", "conversation", "id", "image",
        "incomplete_details",
        "input_transformations", "model", "moderation", "object", "previous_response_id", "prompt",
        "prompt_cache_diagnostics", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning",
        "safety_identifier", "service_tier", "status", "store", "text", "tool_choice", "tool_usage", "tools",
        "truncation", "usage", "user",
    ]

    let items: OpenAIItemReader
    /// Every string of the request.
    let echoed: Set<String>

    private var document: JSONDocument { items.reader.document }

    /// Every string of a request, which its answer may repeat.
    static func echoes(of request: DecodedRequest) -> Set<String> {
        let document = request.document
        return Set(document.strings(below: document.root, at: "").compactMap { document.string($0.value) })
    }

    /// All words of a response.
    func fields(of response: JSONValue) throws(DialectError) -> [DocumentField] {
        guard let members = response.members else { throw .shape(field: "response", expected: "an object") }
        try items.reader.checkSpelling(of: members, known: ["output", "output_text", "error"])
        var fields: [DocumentField] = []
        for member in items.reader.spoken(members) {
            guard member.key == "output" else {
                fields += besides(member)
                continue
            }
            guard let elements = member.value.elements else { throw .shape(field: "output", expected: "an array") }
            for (index, item) in elements.enumerated() {
                fields += try items.fields(of: item, at: "/output/\(index)")
            }
        }
        return fields
    }

    private func besides(_ member: JSONMember) -> [DocumentField] {
        let hasLabels = Self.settings.contains(member.key)
        let place = JSONText.pointerStep(member.key)
        let fields =
            items.reader.keys(of: member, kind: .text, at: place)
            + items.reader.texts(in: member.value, kind: .text, at: place)
        return fields.filter { field in
            if hasLabels, items.reader.isLabel(field.value) { return false }
            return !echoed.contains(document.string(field.value) ?? "")
        }
    }
}
