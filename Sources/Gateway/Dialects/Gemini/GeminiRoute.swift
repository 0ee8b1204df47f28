/// Where Gemini's methods stand: below a version, at a model, behind a colon.
enum GeminiRoute {
    /// Methods, by their names in lower case.
    private static let methods = [
        "generatecontent": "generateContent", "streamgeneratecontent": "streamGenerateContent",
        "counttokens": "countTokens", "embedcontent": "embedContent", "batchembedcontents": "batchEmbedContents",
    ]
    /// Collections that hold models, by the names of those above them.
    private static let shapes = [
        ["models"], ["tunedModels"], ["dynamic"], ["publishers", "models"],
        ["projects", "locations", "endpoints"], ["projects", "locations", "publishers", "models"],
    ]
    private static let versions: Set<String> = ["v1", "v1beta", "v1alpha", "v1beta1"]
    private static let events = "?alt=sse"

    /// The route of a request; nil when its path names no method.
    ///
    /// A method is one wherever it stands: behind a path of another shape, a lenient server might still answer. Whether
    /// a stream comes as events is said in the query, so it is part of the route's name.
    static func route(of target: RequestTarget) -> DialectRoute? {
        let segments = target.canonical.split(separator: "/")
        guard let last = segments.last, let colon = last.lastIndex(of: ":"),
            let method = methods[String(last[last.index(after: colon)...])]
        else { return nil }
        let isStreamed = method == "streamGenerateContent"
        let query = isStreamed && hasEvents(target.query) ? events : ""
        return DialectRoute(
            name: "\(shape(of: segments)):\(method)\(query)",
            path: target.path,
            model: target.path.split(separator: "/").last?.split(separator: ":").dropLast().joined(separator: ":"),
            isStreamed: isStreamed
        )
    }

    /// Whether the route's answers say something.
    static func generates(_ route: DialectRoute) -> Bool { route.name.lowercased().contains("generatecontent") }

    /// Whether the client asked for server-sent events.
    static func asksForEvents(_ route: DialectRoute) -> Bool { route.name.hasSuffix(events) }

    /// The path with `*` for each name that the sender chose.
    private static func shape(of segments: [Substring]) -> String {
        for shape in shapes where segments.count == shape.count * 2 + 1 {
            let names = stride(from: 1, to: segments.count, by: 2).map { String(segments[$0]) }
            guard versions.contains(String(segments[0])), names == shape.map({ $0.lowercased() }) else { continue }
            return "/\(segments[0])/\(shape.map { "\($0)/*" }.joined(separator: "/"))"
        }
        return "/*"
    }

    /// Whether a query asks for server-sent events, in either of the names that Google knows the parameter by.
    private static func hasEvents(_ query: String) -> Bool {
        query.dropFirst().split(separator: "&").contains { item in
            ["alt=sse", "$alt=sse", "%24alt=sse"].contains { item.lowercased().hasPrefix($0) }
        }
    }
}

extension GeminiDialect {
    /// `/v1beta/models/*:generateContent` and its like, at Google's own API and at Vertex AI.
    public func route(of target: RequestTarget) -> DialectRoute? { GeminiRoute.route(of: target) }
}
