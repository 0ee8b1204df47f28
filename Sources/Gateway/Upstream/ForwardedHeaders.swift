import HTTPTypes

extension HTTPFields {
    /// Fields that concern one connection only (RFC 9110, section 7.6.1), and those that each side sets for itself.
    private static let perConnection: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade", "host", "expect",
    ]

    /// The fields that are passed on, without the gateway's own names: nobody else may speak for it.
    var forwarded: HTTPFields {
        var named: Set<String> = []
        for value in self[values: .connection] {
            for name in value.split(separator: ",") { named.insert(name.filter { !$0.isWhitespace }.lowercased()) }
        }
        var out = HTTPFields()
        for field in self {
            let name = field.name.canonicalName
            guard !Self.perConnection.contains(name), !named.contains(name), !name.hasPrefix("x-gatehouse-") else {
                continue
            }
            out.append(field)
        }
        return out
    }

    /// The fields that are passed on with a body of another length, and these in the place of those of their names.
    func forwarded(with own: HTTPFields) -> HTTPFields {
        var out = HTTPFields()
        for field in forwarded where field.name != .contentLength && !own.contains(where: { $0.name == field.name }) {
            out.append(field)
        }
        out.append(contentsOf: own)
        return out
    }

    /// Whether the body is encoded, so that it can't be read as it stands.
    var hasContentEncoding: Bool {
        self[values: .contentEncoding].contains { value in
            value.split(separator: ",").contains { $0.filter { !$0.isWhitespace }.lowercased() != "identity" }
        }
    }
}

extension HTTPField.Name {
    /// Which decision the answer rests on.
    static let decisionID = constant("x-gatehouse-decision-id")
    /// What was decided.
    static let outcome = constant("x-gatehouse-outcome")
    /// Why it was blocked.
    static let cause = constant("x-gatehouse-cause")
    /// When the answer is released, where that is not as usual.
    static let mode = constant("x-gatehouse-mode")
    /// Which request this is.
    static let requestID = constant("x-gatehouse-request-id")
    /// Which conversation a request is a turn of, as the client says; not passed on.
    static let conversation = constant("x-gatehouse-conversation")
    /// Seconds after which another try makes sense.
    static let retryAfterSeconds = constant("retry-after")

    private static func constant(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("'\(name)' is not a field name") }
        return name
    }
}
