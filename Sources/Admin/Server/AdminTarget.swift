import Foundation

/// The path and the query of a request, decoded.
struct AdminTarget: Sendable {
    /// Parts of the path between slashes; the first is empty.
    var path: [String]
    /// Parameters in the order in which they came.
    var query: [(name: String, value: String)]

    /// Takes a request's target apart.
    ///
    /// In a query `+` is a blank, as forms write it.
    ///
    /// - Throws: ``AdminRefusal/Code/malformedRequest`` for what is not percent-encoded UTF-8.
    init(_ text: String) throws(AdminRefusal) {
        let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = []
        for part in halves[0].split(separator: "/", omittingEmptySubsequences: false) {
            path.append(try Self.decoded(part))
        }
        query = []
        guard halves.count > 1 else { return }
        for part in halves[1].split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(pair[0].replacing("+", with: "%20")[...])
            query.append((name, try pair.count > 1 ? Self.decoded(pair[1].replacing("+", with: "%20")[...]) : ""))
        }
    }

    private static func decoded(_ text: Substring) throws(AdminRefusal) -> String {
        guard let decoded = String(text).removingPercentEncoding else {
            throw AdminRefusal(.malformedRequest, "the request's target is not percent-encoded UTF-8")
        }
        return decoded
    }
}

/// The body of a request: one flat JSON object.
enum AdminBody {
    /// Its members, in order of name; flags as `true` and `false`.
    ///
    /// - Throws: ``AdminRefusal``.
    static func members(_ data: Data) throws(AdminRefusal) -> [(name: String, value: String)] {
        guard let object = try? JSONDecoder().decode([String: Member].self, from: data) else {
            throw AdminRefusal(
                .malformedRequest,
                "the body is not what is read here; expected one JSON object whose members are texts, true or false"
            )
        }
        return object.sorted { $0.key < $1.key }.map { ($0.key, $0.value.value) }
    }

    private struct Member: Decodable {
        var value: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                value = flag ? "true" : "false"
            } else {
                value = try container.decode(String.self)
            }
        }
    }
}
