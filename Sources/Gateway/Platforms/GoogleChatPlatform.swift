import Crypto
public import Foundation
public import HTTPTypes

/// Google Chat's events.
public struct GoogleChatPlatform: ChatPlatform {
    /// How an event proves that Google sent it.
    public enum Proof: Sendable {
        /// The verification token that stands in every event.
        case token(String)
        /// The signed bearer token.
        case signature(GoogleChatKeys)
    }

    private let proof: Proof

    /// Creates the platform.
    public init(proof: Proof) { self.proof = proof }

    /// `google_chat`.
    public var name: String { "google_chat" }

    /// The message in all its forms, names of attachments, inputs of cards; as events of apps and of add-ons have them.
    public var words: [JSONPath] {
        let message = ["text", "argumentText", "formattedText", "attachment[*].contentName"]
        let messages = ["$.message", "$.chat.messagePayload.message", "$.chat.appCommandPayload.message"]
        let others = ["$.common.formInputs", "$.action.parameters", "$.commonEventObject.formInputs"]
        return (messages.flatMap { place in message.map { "\(place).\($0)" } } + others).map(JSONPath.init(known:))
    }

    /// `text`.
    public var replies: [JSONPath] { [JSONPath(known: "$.text")] }

    /// The space.
    public var namespace: [JSONPath] {
        ["$.space.name", "$.chat.messagePayload.space.name"].map(JSONPath.init(known:))
    }

    /// The thread of the message.
    public var thread: [JSONPath] {
        ["$.message.thread.name", "$.chat.messagePayload.message.thread.name"].map(JSONPath.init(known:))
    }

    /// None: the address of the webhook says which.
    public var bot: JSONPath? { nil }

    /// None.
    public var identifiers: Set<String> { [] }

    /// The bearer token, or the event's own.
    public func authenticate(_ body: [UInt8], headers: HTTPFields, at time: Date) throws(GatewayError) {
        switch proof {
        case .token(let expected):
            let found = (try? JSONDocument(body)).flatMap { $0.text("token") } ?? ""
            // Digests take the same time to compare whatever they hold.
            guard SHA256.hash(data: Array(found.utf8)) == SHA256.hash(data: Array(expected.utf8)) else {
                throw .unauthorized
            }
        case .signature(let keys):
            guard let field = headers.only("authorization"), field.lowercased().hasPrefix("bearer "),
                keys.isValid(field.dropFirst(7), at: time)
            else { throw .unauthorized }
        }
    }

    /// Google Chat doesn't ask whether the webhook is there.
    public func greeting(for event: JSONDocument) -> String? { nil }

    /// A message that only the person sees.
    public func message(_ text: String, to event: JSONDocument) -> String {
        let viewer = event.text(at: JSONPath(known: "$.user.name")).flatMap { name in
            name.hasPrefix("users/") ? ",\"privateMessageViewer\":{\"name\":\(JSONText.quoted(name))}" : nil
        }
        let message = "{\"text\":\(JSONText.quoted(text))\(viewer ?? "")}"
        guard event.root["chat"] != nil else { return message }
        return "{\"hostAppDataAction\":{\"chatDataAction\":{\"createMessageAction\":{\"message\":\(message)}}}}"
    }
}
