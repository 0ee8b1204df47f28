import Foundation
public import Moderation

/// One of OpenAI's APIs as Azure serves it: below `/openai`, the model often in the path, and blocks in Azure's words.
///
/// A blocked prompt is Azure's error 400 `content_filter`; a blocked answer finishes as `content_filter` with results. The
/// results name a block list, since Azure's own categories and severities are not what decided.
public struct AzureOpenAIDialect: Dialect {
    /// What Azure serves and is moderated.
    public static let all: [any Dialect] = [
        AzureOpenAIDialect(OpenAIChatDialect(filterResults: filterResults), at: "chat/completions"),
        AzureOpenAIDialect(OpenAICompletionsDialect(filterResults: filterResults), at: "completions"),
        AzureOpenAIDialect(OpenAIInputDialect.embeddings, at: "embeddings"),
        AzureOpenAIDialect(OpenAIResponsesDialect(), at: "responses"),
    ]

    private static let filterResults =
        "{\"custom_blocklists\":{\"filtered\":true,\"details\":[{\"filtered\":true,\"id\":\"gatehouse\"}]}}"

    /// The API that is served.
    private let base: any Dialect
    /// What its path ends in.
    private let ending: String

    private init(_ base: any Dialect, at ending: String) {
        self.base = base
        self.ending = ending
    }

    /// `azure-openai`.
    public var name: String { "azure-openai" }

    /// What the API's fields are called, and Azure's own.
    public var fieldNames: FieldNames { base.fieldNames }

    /// `/openai/deployments/{name}/…`, `/openai/v1/…` and `/openai/…`.
    public func route(of target: RequestTarget) -> DialectRoute? {
        if target.canonical == "/openai/\(ending)" || target.canonical == "/openai/v1/\(ending)" {
            return DialectRoute(name: target.canonical)
        }
        let steps = target.path.split(separator: "/")
        guard steps.count > 3, target.canonical.hasPrefix("/openai/deployments/"),
            steps[3...].joined(separator: "/").lowercased() == ending
        else { return nil }
        let model = String(steps[2])
        return DialectRoute(
            name: "/openai/deployments/*/\(ending)",
            path: target.path,
            model: model.removingPercentEncoding ?? model
        )
    }

    /// Reads the API's request; a model in the path counts.
    public func decodeRequest(_ body: [UInt8], at route: DialectRoute) throws(DialectError) -> DecodedRequest {
        var request = try base.decodeRequest(body, at: route)
        if let model = route.model { request.model = model }
        return request
    }

    /// Replaces matches in the strings that the redactions point at.
    public func rewrite(_ request: DecodedRequest, redactions: [Redaction]) throws(DialectError) -> [UInt8] {
        try base.rewrite(request, redactions: redactions)
    }

    /// Reads the API's answer.
    public func decodeResponse(_ body: [UInt8], to request: DecodedRequest) throws(DialectError) -> DecodedResponse {
        try base.decodeResponse(body, to: request)
    }

    /// Changes the API's answer.
    public func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        try base.rewrite(response, changes: changes)
    }

    /// Azure's error for a prompt that its filters don't take.
    public func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload {
        let error = GatewayError.promptBlocked(.content, reply: reply).publicError
        return ResponsePayload(status: error.status, bytes: errorBody(error))
    }

    /// OpenAI's error object; for a blocked prompt with what the filters found.
    public func errorBody(_ error: PublicError) -> [UInt8] {
        guard error.code == GatewayError.promptBlocked(.content, reply: "").publicError.code else {
            return base.errorBody(error)
        }
        let members = [
            "\"message\":\(JSONText.quoted(error.message))", "\"type\":null", "\"param\":\"prompt\"",
            "\"code\":\"content_filter\"", "\"status\":\(error.status)",
            "\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\",\"content_filter_result\":\(Self.filterResults)}",
        ]
        return Array("{\"error\":{\(members.joined(separator: ","))}}".utf8)
    }

    /// Reads the API's stream.
    public func makeStreamReader(for request: DecodedRequest, mediaType: String) -> (any StreamReader)? {
        base.makeStreamReader(for: request, mediaType: mediaType)
    }
}
