import Crypto
import Foundation
import Gateway
import HTTPTypes
import Moderation
import Synchronization
import Testing

@Suite("Chat platforms in front of a bot's webhook")
struct PlatformRouteTests {
    private static let slack = SlackPlatform(signingSecret: "secret")
    private static let discordKey = Curve25519.Signing.PrivateKey()

    private func withPlatform(
        _ platform: any ChatPlatform,
        bot script: @escaping @Sendable (Wire) async throws -> Void = { _ in Issue.record("forwarded") },
        _ body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        try await withGateway(
            upstream: script,
            platforms: { [PlatformEndpoint(path: "/Events", platform: platform, bot: $0, botPath: "/bot", api: $0)] },
            body
        )
    }

    private func post(_ body: String, fields: String, to gateway: RunningGateway) async throws -> Wire.Message {
        try await withConnection(to: gateway.port) {
            try await $0.request("POST", "/events", fields: fields, body: body)
        }
    }

    // MARK: Slack

    @Test(
        "a message is a turn of its thread, or of the one that it may begin",
        arguments: [
            (#","ts":"2.5""#, "slack/T1/C?1/2.5"), (#","ts":"2.5","thread_ts":"1.5""#, "slack/T1/C?1/1.5"), ("", nil),
        ] as [(String, String?)]
    )
    func threads(extra: String, conversation: String?) async throws {
        try await withPlatform(Self.slack, bot: answering("")) { gateway in
            _ = try await slack(message("Hello", extra: extra), to: gateway)
            #expect(gateway.audit.records.map(\.conversation) == [conversation, conversation])
        }
    }

    private func slackFields(_ body: String) throws -> String {
        let timestamp = "\(Int(Date().timeIntervalSince1970))"
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("v0:\(timestamp):\(body)".utf8),
            using: SymmetricKey(data: Array("secret".utf8))
        )
        return "x-slack-request-timestamp: \(timestamp)\r\nx-slack-signature: v0=\(hex(Array(code)))\r\n"
    }

    private func slack(_ body: String, to gateway: RunningGateway, fields: String = "") async throws -> Wire.Message {
        try await post(body, fields: try slackFields(body) + fields, to: gateway)
    }

    private func message(_ text: String, id: String = "E1", extra: String = "") -> String {
        "{\"team_id\":\"T1\",\"api_app_id\":\"A1\",\"event_id\":\"\(id)\",\"type\":\"event_callback\","
            + "\"event\":{\"type\":\"message\",\"channel\":\"C 1\",\"text\":\(JSONText.quoted(text))\(extra)}}"
    }

    private let refusal = #"{"response_type":"ephemeral","replace_original":false,"text":"Not that."}"#

    @Test("Slack's question whether the webhook is there is answered, once it is known to be Slack's")
    func challenge() async throws {
        try await withPlatform(Self.slack) { gateway in
            let body = #"{"type":"url_verification","challenge":"3eZbrw1a\"B"}"#
            let answer = try await slack(body, to: gateway)
            #expect(answer.status == 200 && answer.text == #"{"challenge":"3eZbrw1a\"B"}"#)
            let forged = try await post(body, fields: try slackFields(body + " "), to: gateway)
            #expect(forged.status == 401 && !forged.text.contains("3eZ"))
            let unsigned = try await post(message("a badword"), fields: "", to: gateway)
            #expect(unsigned.status == 401)
            #expect(gateway.audit.records.isEmpty && gateway.classifier.texts.isEmpty)
        }
    }

    @Test("a message passes as it came, and so does the bot's answer: JSON, words or nothing")
    func allowed() async throws {
        let body = message("Hello", extra: ",\"x\":1.0")
        for answer in [#"{ "text":"Hi.", "n":1.0}"#, "Hi \"you\"", "", " "] {
            try await withPlatform(
                Self.slack,
                bot: { wire in
                    let event = try await wire.message()
                    #expect(event.start == "POST /bot HTTP/1.1" && event.text == body)
                    try await wire.respond(answer)
                }
            ) { gateway in
                let response = try await slack(body, to: gateway)
                #expect(response.status == 200 && response.text == answer.drop { $0 == " " })
                #expect(gateway.audit.records.map(\.decision.channel) == ["slack/T1/C?1", "slack/T1/C?1"])
                #expect(gateway.audit.records.map(\.model) == ["A1", "A1"])
                #expect(gateway.audit.records.map(\.tenant) == ["default", "default"])
                #expect(gateway.audit.records.map(\.dialect) == ["slack", "slack"])
                #expect(gateway.audit.records.map(\.route) == ["/events", "/events"])
                #expect(gateway.audit.prompts.first?.content.map(\.text) == ["Hello"])
            }
        }
    }

    @Test("harmful text is blocked wherever it stands in a message, and in every string of an answer")
    func blocked() async throws {
        let events = [
            message("a badword"),
            message("Hi", extra: #","blocks":[{"type":"rich_text","elements":[{"type":"text","text":"badword"}]}]"#),
            message("Hi", extra: #","attachments":[{"fallback":"badword"}]"#),
            message("Hi", extra: #","message":{"text":"badword"}"#),
            message("Hi", extra: #","files":[{"title":"badword"}]"#),
        ]
        for event in events {
            try await withPlatform(Self.slack) { gateway in
                let response = try await slack(event, to: gateway)
                #expect(response.status == 200 && response.text == refusal)
                #expect(gateway.audit.prompts.first?.decision.outcome == .block)
            }
        }
        for answer in [#"{"text":"a badword"}"#, #"{"text":"Hi","blocks":[{"text":"badword"}]}"#] {
            try await withPlatform(Self.slack, bot: answering(answer)) { gateway in
                let response = try await slack(message("Hi"), to: gateway)
                #expect(response.text == refusal)
            }
        }
        try await withPlatform(Self.slack, bot: answering("a badword", type: "text/plain")) { gateway in
            let response = try await slack(message("Hi"), to: gateway)
            #expect(response.text == "Not that.")
        }
    }

    @Test("what is masked on its way to the bot is signed anew")
    func masked() async throws {
        try await withPlatform(
            Self.slack,
            bot: { wire in
                let event = try await wire.message()
                #expect(event.text == self.message("I am [MASKED]"))
                var headers = HTTPFields()
                for field in event.fields {
                    if let name = HTTPField.Name(field.name) { headers[name] = field.value }
                }
                #expect(throws: Never.self) { try Self.slack.authenticate(event.body, headers: headers, at: Date()) }
                try await wire.respond("Ask a.b@c.example", type: "text/plain")
            }
        ) { gateway in
            let response = try await slack(message("I am x.y@z.example"), to: gateway)
            #expect(response.text == "Ask [MASKED]")
        }
    }

    @Test("Slack's next try of an event is answered and not judged again, unless the first failed")
    func retries() async throws {
        let count = Mutex(0)
        try await withPlatform(
            Self.slack,
            bot: { wire in
                while true {
                    _ = try await wire.message()
                    let isFirst = count.withLock { count in
                        count += 1
                        return count == 1
                    }
                    // Not HTTP: the bot is out of order.
                    if isFirst { return try await wire.send("?\r\n\r\n") }
                    try await wire.respond(#"{"text":"Hi."}"#)
                }
            }
        ) { gateway in
            let retry = "x-slack-retry-num: 1\r\n"
            let failed = try await slack(message("Hello"), to: gateway)
            #expect(failed.status == 502)
            let retried = try await slack(message("Hello"), to: gateway, fields: retry)
            #expect(retried.text == #"{"text":"Hi."}"#)
            let known = gateway.audit.records.count
            let again = try await slack(message("Hello"), to: gateway, fields: retry)
            #expect(again.status == 200 && again.body.isEmpty)
            #expect(gateway.audit.records.count == known && count.withLock { $0 } == 2)
            let next = try await slack(message("Hello", id: "E2"), to: gateway)
            #expect(next.text == #"{"text":"Hi."}"#)
        }
    }

    @Test("an event is taken though Slack hangs up before it is answered")
    func hangUp() async throws {
        let (asked, tell) = AsyncStream.makeStream(of: Void.self)
        let (gone, left) = AsyncStream.makeStream(of: Void.self)
        try await withPlatform(
            Self.slack,
            bot: { wire in
                _ = try await wire.message()
                tell.yield()
                for await _ in gone { break }
                try await wire.respond(#"{"text":"Hi."}"#)
            }
        ) { gateway in
            try await withConnection(to: gateway.port) { wire in
                let body = message("Hello")
                let fields = try slackFields(body) + "content-length: \(body.utf8.count)\r\n"
                try await wire.send("POST /events HTTP/1.1\r\nhost: t\r\n\(fields)\r\n\(body)")
                for await _ in asked { break }
            }
            left.yield()
            await gateway.audit.wait(for: 2)
            #expect(gateway.audit.responses.map(\.ending) == [.completed])
        }
    }

    // MARK: Discord

    private func discord(_ body: String, to gateway: RunningGateway) async throws -> Wire.Message {
        let signature = try Self.discordKey.signature(for: Array("1531420618\(body)".utf8))
        let fields = "x-signature-timestamp: 1531420618\r\nx-signature-ed25519: \(hex(Array(signature)))\r\n"
        return try await post(body, fields: fields, to: gateway)
    }

    private func discordPlatform(patience: Duration = .seconds(30)) throws -> DiscordPlatform {
        let key = hex(Array(Self.discordKey.publicKey.rawRepresentation))
        return try #require(DiscordPlatform(publicKey: key, patience: patience))
    }

    private func interaction(_ type: Int, _ data: String) -> String {
        "{\"type\":\(type),\"application_id\":\"42\",\"token\":\"aW50_-.x\",\"channel_id\":\"7\",\"data\":\(data)}"
    }

    private func command(_ text: String) -> String {
        interaction(2, #"{"name":"ask","options":[{"name":"question","type":3,"value":"\#(text)"}]}"#)
    }

    private let discordRefusal =
        #"{"type":4,"data":{"content":"Not that.","flags":64,"allowed_mentions":{"parse":[]}}}"#

    @Test("Discord's PING is answered; a forged one is not")
    func ping() async throws {
        try await withPlatform(try discordPlatform()) { gateway in
            let pong = try await discord(#"{"type":1}"#, to: gateway)
            #expect(pong.text == #"{"type":1}"#)
            let forged = try await post(#"{"type":1}"#, fields: "", to: gateway)
            #expect(forged.status == 401)
            #expect(gateway.audit.records.isEmpty)
        }
    }

    @Test("options of commands and inputs of modals are judged; a block is a message that only the person sees")
    func interactions() async throws {
        let events = [
            (command("a badword"), discordRefusal),
            (interaction(2, #"{"options":[{"type":1,"options":[{"type":3,"value":"badword"}]}]}"#), discordRefusal),
            (
                interaction(5, #"{"components":[{"type":1,"components":[{"custom_id":"a","value":"badword"}]}]}"#),
                discordRefusal
            ),
            (interaction(5, #"{"components":[{"component":{"value":"badword"}}]}"#), discordRefusal),
            (
                interaction(2, #"{"resolved":{"messages":{"9":{"embeds":[{"fields":[{"name":"badword"}]}]}}}}"#),
                discordRefusal
            ),
            (interaction(2, #"{"resolved":{"messages":{"9":{"content":"badword"}}}}"#), discordRefusal),
            (interaction(4, #"{"options":[{"value":"badword"}]}"#), #"{"type":8,"data":{"choices":[]}}"#),
        ]
        for (event, refusal) in events {
            try await withPlatform(try discordPlatform()) { gateway in
                let response = try await discord(event, to: gateway)
                #expect(response.status == 200 && response.text == refusal)
            }
        }
        let answer = #"{"type":4,"data":{"content":"Hi","embeds":[{"title":"badword"}]}}"#
        try await withPlatform(try discordPlatform(), bot: answering(answer)) { gateway in
            let response = try await discord(command("Hello"), to: gateway)
            #expect(response.text == discordRefusal)
            #expect(gateway.audit.prompts.first?.decision.channel == "discord/7")
            #expect(gateway.audit.prompts.first?.content.map(\.text) == ["Hello"])
        }
    }

    @Test(
        "a bot that takes its time is deferred, and its judged answer is filled in",
        arguments: [
            (#"{"type":4,"data":{"content":"Hi a.b@c.example","n":1.0}}"#, #"{"content":"Hi [MASKED]","n":1.0}"#),
            (
                #"{"type":4,"data":{"content":"a badword"}}"#,
                #"{"content":"Not that.","flags":64,"allowed_mentions":{"parse":[]}}"#
            ),
            ("?", #"{"content":"The bot can't answer right now."}"#),
        ]
    )
    func deferred(answer: String, filled: String) async throws {
        let (told, tell) = AsyncStream.makeStream(of: Void.self)
        let (patches, patch) = AsyncStream.makeStream(of: Wire.Message.self)
        try await withPlatform(
            try discordPlatform(patience: .milliseconds(20)),
            bot: { wire in
                while true {
                    let request = try await wire.message()
                    guard request.start.hasPrefix("POST /bot ") else {
                        try await wire.respond("{}")
                        patch.yield(request)
                        continue
                    }
                    for await _ in told { break }
                    try await wire.respond(answer, status: answer == "?" ? "500 No" : "200 OK")
                }
            }
        ) { gateway in
            let notice = try await discord(command("Hello"), to: gateway)
            #expect(notice.text == #"{"type":5}"#)
            tell.yield()
            for await request in patches {
                #expect(request.start == "PATCH /webhooks/42/aW50_-.x/messages/@original HTTP/1.1")
                #expect(request.text == filled)
                break
            }
        }
    }

    // MARK: Google Chat

    @Test("Google Chat: the message is judged in every form; a block is a message that only the person sees")
    func googleChat() async throws {
        let chat = GoogleChatPlatform(proof: .token("t"))
        @Sendable func event(_ message: String) -> String {
            #"{"type":"MESSAGE","token":"t","space":{"name":"spaces/A"},"user":{"name":"users/1"},"message":\#(message)}"#
        }
        let refusal = #"{"text":"Not that.","privateMessageViewer":{"name":"users/1"}}"#
        for text in [#"{"text":"badword"}"#, #"{"text":"Hi","argumentText":"badword"}"#] {
            try await withPlatform(chat) { gateway in
                let response = try await post(event(text), fields: "", to: gateway)
                #expect(response.text == refusal)
                #expect(gateway.audit.prompts.first?.decision.channel == "google_chat/spaces/A")
            }
        }
        let answer = #"{"text":"Hi","cardsV2":[{"card":{"header":{"title":"badword"}}}]}"#
        try await withPlatform(chat, bot: answering(answer)) { gateway in
            let response = try await post(event(#"{"text":"Hi"}"#), fields: "", to: gateway)
            #expect(response.text == refusal)
            _ = try await post(event(#"{"text":"Hi","thread":{"name":"spaces/A/threads/B"}}"#), fields: "", to: gateway)
            #expect(gateway.audit.records.last?.conversation == "google_chat/spaces/A/spaces/A/threads/B")
            let forged = event(#"{"text":"Hi"}"#).replacing(#""token":"t""#, with: #""token":"u""#)
            let unproven = try await post(forged, fields: "", to: gateway)
            #expect(unproven.status == 401)
        }
        let addOn = #"{"token":"t","chat":{"messagePayload":{"message":{"text":"badword"}}}}"#
        try await withPlatform(chat) { gateway in
            let response = try await post(addOn, fields: "", to: gateway)
            #expect(response.text.hasPrefix(#"{"hostAppDataAction":{"chatDataAction":{"createMessageAction":"#))
        }
    }

    @Test("an event without words goes to the bot; other methods and bodies are errors")
    func others() async throws {
        try await withPlatform(Self.slack, bot: answering("")) { gateway in
            let event = #"{"type":"event_callback","event":{"type":"app_home_opened","user":"U1"}}"#
            let response = try await slack(event, to: gateway)
            #expect(response.status == 200)
            #expect(gateway.audit.prompts.first?.decision.outcome == .allow)
            let list = try await slack("[]", to: gateway)
            #expect(list.status == 400)
            let words = try await slack("words", to: gateway)
            #expect(words.status == 400)
            let get = try await withConnection(to: gateway.port) { try await $0.request("GET", "/events") }
            #expect(get.status == 405)
        }
    }
}
