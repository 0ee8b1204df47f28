import Crypto
public import Foundation
public import HTTPTypes

/// Slack's Events API.
public struct SlackPlatform: ChatPlatform {
    private static let version = "v0"
    private static let oldest: TimeInterval = 300

    private let key: SymmetricKey

    /// Creates the platform.
    ///
    /// - Parameter signingSecret: as Slack shows it under the app's basic information.
    public init(signingSecret: String) { key = SymmetricKey(data: Array(signingSecret.utf8)) }

    /// `slack`.
    public var name: String { "slack" }

    /// The message, its blocks and attachments, and names of files; those of an edited message too.
    public var words: [JSONPath] {
        ["$.event", "$.event.message"].flatMap { message in
            ["text", "blocks", "attachments", "files[*].title", "files[*].name"].map {
                JSONPath(known: "\(message).\($0)")
            }
        }
    }

    /// `text`.
    public var replies: [JSONPath] { [JSONPath(known: "$.text")] }

    /// Workspace and channel.
    public var namespace: [JSONPath] { ["$.team_id", "$.event.channel"].map(JSONPath.init(known:)) }

    /// The first message of a thread; a message that is in none may become it.
    public var thread: [JSONPath] { ["$.event.thread_ts", "$.event.ts"].map(JSONPath.init(known:)) }

    /// The app.
    public var bot: JSONPath? { JSONPath(known: "$.api_app_id") }

    /// Ids in blocks.
    public var identifiers: Set<String> {
        [
            "action_id", "block_id", "channel_id", "style", "team_id", "ts", "user_id", "usergroup_id",
        ]
    }

    /// `event_id`: the same whenever Slack tries again.
    public var eventID: JSONPath? { JSONPath(known: "$.event_id") }

    /// Version 0 of Slack's signature, not older than five minutes.
    public func authenticate(_ body: [UInt8], headers: HTTPFields, at time: Date) throws(GatewayError) {
        guard let timestamp = headers.only("x-slack-request-timestamp"), let seconds = Int(timestamp),
            abs(time.timeIntervalSince1970 - Double(seconds)) <= Self.oldest,
            let signature = headers.only("x-slack-signature"), signature.hasPrefix("\(Self.version)="),
            let code = signature.dropFirst(Self.version.count + 1).hexBytes,
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed(body, at: timestamp), using: key)
        else { throw .unauthorized }
    }

    /// Answers Slack's question whether the webhook is there.
    public func greeting(for event: JSONDocument) -> String? {
        guard event.text("type") == "url_verification", let challenge = event.text("challenge") else { return nil }
        return "{\"challenge\":\(JSONText.quoted(challenge))}"
    }

    /// A message that only the person sees.
    public func message(_ text: String, to event: JSONDocument) -> String {
        "{\"response_type\":\"ephemeral\",\"replace_original\":false,\"text\":\(JSONText.quoted(text))}"
    }

    /// Replaces the signature.
    public func sign(_ headers: inout HTTPFields, body: [UInt8]) {
        guard let timestamp = headers.only("x-slack-request-timestamp"),
            let name = HTTPField.Name("x-slack-signature")
        else { return }
        let code = HMAC<SHA256>.authenticationCode(for: signed(body, at: timestamp), using: key)
        let digits = Array("0123456789abcdef")
        headers[name] = "\(Self.version)=" + code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    private func signed(_ body: [UInt8], at timestamp: String) -> [UInt8] {
        Array("\(Self.version):\(timestamp):".utf8) + body
    }
}
