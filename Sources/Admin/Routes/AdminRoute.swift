import Foundation
import HTTPTypes
import NIOCore

/// One thing that can be asked for: what finds it, who may, what it takes, what answers, and what the description says of it.
///
/// The server answers and the description is written from the same list, so that neither has what the other lacks.
struct AdminRoute: Sendable {
    /// What a successful answer is.
    struct Answer: Sendable {
        /// HTTP status.
        var status = 200
        /// What it says, in a few words.
        var title: String
        /// Media type.
        var type = MediaType.json
        /// Of one JSON value, or of one line.
        var schema: JSON
        /// Another status that says the same thing of another state, such as 503 of what is not ready.
        var otherStatus: Int?
    }

    /// Answers a request that was checked.
    typealias Handler = @Sendable (AdminCall) async throws -> AdminAnswer

    /// HTTP method.
    var method: HTTPRequest.Method
    /// Path with names in braces, such as `/v1/decisions/{id}`.
    var path: String
    /// Its name in the description, such as `listDecisions`.
    var name: String
    /// What it does, in a sentence.
    var summary: String
    /// What its use takes at least; nil for what anybody may ask.
    var role: AdminRole?
    /// What the names in the path stand for.
    var pathHelp: [String: String] = [:]
    /// Parameters of the query.
    var query: [AdminParameter] = []
    /// Members of the body, a JSON object; nil where there is no body.
    var body: [AdminParameter]?
    /// What it answers.
    var answer: Answer
    /// Whether it is given up when its client goes away; the connection ends with its answer then.
    var stopsWithClient = false
    /// How else it may end, besides what every route of its kind may.
    var refusals: [AdminRefusal.Code] = []
    /// What answers.
    var handler: Handler

    /// The path in its parts.
    var parts: [Substring] { path.split(separator: "/", omittingEmptySubsequences: false) }

    /// Values of the names in a path that is this route's; nil for another path.
    ///
    /// - Parameter found: the parts of the path, decoded.
    func match(_ found: [String]) -> [String: String]? {
        let parts = parts
        guard parts.count == found.count else { return nil }
        var values: [String: String] = [:]
        for (part, text) in zip(parts, found) {
            if part.hasPrefix("{") {
                guard !text.isEmpty else { return nil }
                values[String(part.dropFirst().dropLast())] = text
            } else if part != text {
                return nil
            }
        }
        return values
    }
}

/// Media types of answers.
enum MediaType: String, Sendable, Hashable {
    case json = "application/json"
    /// One JSON value a line.
    case lines = "application/x-ndjson"
    /// Prometheus' exposition format.
    case metrics = "text/plain; version=0.0.4; charset=utf-8"

    /// As the description names it, without parameters.
    var name: String { String(rawValue.prefix { $0 != ";" }) }
}

/// A request as a route gets it: known who asks, all of it checked.
struct AdminCall: Sendable {
    /// Who asks; nil for routes that anybody may ask.
    var asker: AdminCaller?
    /// Values of the names in the path.
    var path: [String: String]
    /// Parameters of the query.
    var query: AdminValues
    /// Members of the body.
    var body: AdminValues

    /// Who asks.
    ///
    /// - Precondition: the route takes a role.
    var caller: AdminCaller {
        guard let asker else { preconditionFailure("a route that anybody may ask has no caller") }
        return asker
    }
}

/// What a route answers.
struct AdminAnswer: Sendable {
    /// The body.
    enum Body: Sendable {
        case whole(String)
        /// Pieces, of which the next is asked for when the client has room for it.
        case pieces(any AsyncSequence<String, any Error> & Sendable)
    }

    /// HTTP status.
    var status = 200
    /// Media type.
    var type = MediaType.json
    /// The body.
    var body: Body

    /// A JSON text.
    static func json(_ text: String, status: Int = 200) -> AdminAnswer {
        AdminAnswer(status: status, body: .whole(text))
    }
}
