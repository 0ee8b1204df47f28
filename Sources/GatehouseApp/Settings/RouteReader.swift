import Gateway
import Yams

/// Reads `routes:`, what the gateway does on single paths.
///
/// | key | meaning |
/// |---|---|
/// | `path` | path of the route; `*` stands for one segment |
/// | `mode` | `hold`, `whole` or `observe`; for paths of known APIs, too |
/// | `prompt`, `reply` | where a bot of no known API has the person's message and its own |
/// | `history`, `system` | where earlier messages and instructions are |
/// | `stream`, `delta`, `end` | how it streams |
/// | `refusal`, `refusal_event` | what it says on a block, whole and streamed |
struct RouteReader {
    private static let keys = [
        "path", "prompt", "history", "system", "reply", "stream", "delta", "end", "refusal", "refusal_event", "mode",
    ]
    /// Paths that the gateway answers itself.
    private static let reserved = ["/health", "/metrics"]

    /// Bots' own APIs, in the file's order.
    private(set) var routes: [CustomRoute] = []
    /// How streams of a path come, by its canonical form.
    private(set) var modes: [String: StreamMode] = [:]

    /// Reads one entry.
    ///
    /// - Parameter taken: canonical paths of entries before this one.
    mutating func read(
        _ node: Node,
        name: String,
        file: String,
        taken: inout Set<String>
    ) throws(SettingsError) {
        let entry = try EntryReader(node, name: name, noun: "a route", keys: Self.keys, file: file)
        let (path, canonical) = try Self.path(of: entry, taken: &taken)
        let mode = try entry.choice("mode", of: StreamMode.self)
        if let mode { modes[canonical] = mode }
        let isKnownAPI = !Self.keys.contains { $0 != "path" && $0 != "mode" && entry.has($0) }
        guard !isKnownAPI || mode == nil else { return }
        routes.append(try Self.route(entry, path: path))
    }

    /// The path of an entry, as written and as routes are matched.
    static func path(
        of entry: EntryReader,
        taken: inout Set<String>
    ) throws(SettingsError) -> (path: String, canonical: String) {
        let expected = "a path such as /chat"
        guard let path = try entry.text("path", expected: expected), !path.contains(where: { "?#".contains($0) }),
            let canonical = RequestTarget(path)?.canonical, path.hasPrefix("/"), canonical != "/"
        else { throw entry.problem("path", expected: expected) }
        guard !reserved.contains(canonical) else {
            throw entry.problem("path", expected: "another path: the gateway itself answers on this one")
        }
        guard taken.insert(canonical).inserted else {
            throw entry.problem("path", expected: "a path that no other entry has")
        }
        return (path, canonical)
    }

    private static func route(_ entry: EntryReader, path: String) throws(SettingsError) -> CustomRoute {
        guard let prompt = try entry.path("prompt") else {
            throw entry.problem("prompt", expected: "the person's message, such as $.message")
        }
        guard let reply = try entry.path("reply") else {
            throw entry.problem("reply", expected: "the chatbot's text, such as $.answer")
        }
        let stream = try entry.choice("stream", of: StreamFormat.self)
        if stream == nil, let key = ["delta", "end", "refusal_event"].first(where: entry.has) {
            throw entry.problem("stream", expected: "sse or ndjson, since '\(key)' is for streams")
        }
        return CustomRoute(
            path: path,
            prompt: prompt,
            history: try entry.path("history"),
            system: try entry.path("system"),
            reply: reply,
            stream: stream,
            delta: try entry.path("delta"),
            refusal: try entry.template("refusal"),
            refusalEvent: try entry.template("refusal_event"),
            end: try entry.text("end", expected: "the data of a stream's last event, such as [DONE]", mayBeEmpty: true)
        )
    }
}
