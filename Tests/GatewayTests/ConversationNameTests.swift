import Gateway
import Moderation
import Testing

@Suite("Which conversation an exchange is a turn of")
struct ConversationNameTests {
    @Test(
        "is what the client's field, the API or the request's metadata says, in this order",
        arguments: [
            ("", "", nil), ("x-gatehouse-conversation: chat-7\r\n", "", "chat-7"),
            ("x-gatehouse-conversation: chat 7\r\n", #","metadata":{"conversation_id":"m"}"#, "chat?7"),
            ("x-gatehouse-conversation:\r\n", #","metadata":{"conversation_id":"m"}"#, "m"),
            ("", #","metadata":{"conversation_id":7}"#, nil), ("", #","metadata":"m""#, nil),
            ("", #","conversation":"c""#, nil),
        ] as [(String, String, String?)]
    )
    func chat(fields: String, members: String, conversation: String?) async throws {
        try await withGateway(upstream: { wire in
            let message = try await wire.message()
            #expect(message["x-gatehouse-conversation"] == nil)
            try await wire.respond(chatAnswer("Yes."))
        }) { gateway in
            let response = try await withConnection(to: gateway.port) {
                try await $0.request(fields: fields, body: chatRequest("hello", extra: members))
            }
            #expect(response.status == 200)
            #expect(gateway.audit.records.map(\.conversation) == [conversation, conversation])
        }
    }

    @Test(
        "is OpenAI's kept conversation, by its id",
        arguments: [
            (#""conversation":"conv_1""#, "conv_1"), (#""conversation":{"id":"conv_2"}"#, "conv_2"),
            (#""previous_response_id":"resp_1""#, nil),
            (#""conversation":"conv_1","metadata":{"conversation_id":"m"}"#, "conv_1"),
        ] as [(String, String?)]
    )
    func responses(members: String, conversation: String?) async throws {
        let answer = #"{"id":"resp_2","object":"response","output":[]}"#
        try await withGateway(upstream: answering(answer)) { gateway in
            let body = "{\"model\":\"m\",\"input\":\"hello\",\(members)}"
            _ = try await withConnection(to: gateway.port) {
                try await $0.request("POST", "/v1/responses", body: body)
            }
            #expect(!gateway.audit.records.isEmpty)
            #expect(gateway.audit.records.allSatisfy { $0.conversation == conversation })
        }
    }

    @Test("is known of what passes unread, where the client's field says so")
    func unread() async throws {
        try await withGateway(upstream: answering("{}")) { gateway in
            _ = try await withConnection(to: gateway.port) {
                try await $0.request("POST", "/v1/files", fields: "x-gatehouse-conversation: c1\r\n", body: "{}")
            }
            #expect(gateway.audit.records.map(\.conversation) == ["c1"])
        }
    }
}
