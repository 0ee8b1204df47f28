import HTTPTypes

/// Which conversation an exchange is a turn of.
///
/// Only what somebody says: turns that merely look alike are not taken for one conversation.
enum ConversationName {
    /// Most characters of a name.
    private static let limit = 160

    /// By the client's own field, the API or the chat platform, or `metadata.conversation_id` of the request; nil where none says.
    static func of(_ request: DecodedRequest, head: HTTPFields) -> String? {
        of(head: head) ?? shown(request.conversationID)
            ?? shown(request.document.string(request.document.root["metadata"]?["conversation_id"]))
    }

    /// By the client's own field alone.
    static func of(head: HTTPFields) -> String? { shown(head[.conversation]) }

    private static func shown(_ name: String?) -> String? {
        guard let name, !name.isEmpty else { return nil }
        return PlainName.shown(name, limit: limit)
    }
}
