import Crypto
public import Foundation
public import HTTPTypes

/// Discord's interactions: application commands and modals.
public struct DiscordPlatform: ChatPlatform {
    /// Kinds of interaction that Discord sends.
    private enum Interaction: Int {
        case ping = 1
        case command = 2
        case component = 3
        case autocomplete = 4
        case modal = 5
    }

    private let key: Curve25519.Signing.PublicKey
    private let patience: Duration

    /// Creates the platform; nil when the key is not 32 bytes in hexadecimal.
    ///
    /// - Parameters:
    ///   - publicKey: as Discord shows it under the application's general information.
    ///   - patience: how long a bot may take before the answer is deferred; Discord waits for three seconds.
    public init?(publicKey: String, patience: Duration = .seconds(2)) {
        guard let bytes = publicKey.hexBytes,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { return nil }
        self.key = key
        self.patience = patience
    }

    /// `discord`.
    public var name: String { "discord" }

    /// Options of commands, inputs of modals, and messages that a command is used on.
    public var words: [JSONPath] {
        // Groups of commands hold commands, which hold options.
        let options = (1...3).map { Array(repeating: "options[*]", count: $0).joined(separator: ".") + ".value" }
        let others = ["components", "values", "resolved.messages.*.content", "resolved.messages.*.embeds"]
        return (options + others).map { JSONPath(known: "$.data.\($0)") }
    }

    /// `data.content`.
    public var replies: [JSONPath] { [JSONPath(known: "$.data.content")] }

    /// Server and channel.
    public var namespace: [JSONPath] { ["$.guild_id", "$.channel_id"].map(JSONPath.init(known:)) }

    /// The application.
    public var bot: JSONPath? { JSONPath(known: "$.application_id") }

    /// Ids of inputs.
    public var identifiers: Set<String> { ["custom_id"] }

    /// Discord's Ed25519 signature of time and body.
    public func authenticate(_ body: [UInt8], headers: HTTPFields, at time: Date) throws(GatewayError) {
        guard let timestamp = headers.only("x-signature-timestamp"),
            let signature = headers.only("x-signature-ed25519")?.hexBytes,
            key.isValidSignature(signature, for: Array(timestamp.utf8) + body)
        else { throw .unauthorized }
    }

    /// PONG for PING.
    public func greeting(for event: JSONDocument) -> String? { kind(of: event) == .ping ? "{\"type\":1}" : nil }

    /// A message that only the person sees; no suggestions where Discord asks for some.
    public func message(_ text: String, to event: JSONDocument) -> String {
        guard kind(of: event) != .autocomplete else { return "{\"type\":8,\"data\":{\"choices\":[]}}" }
        let content = "\"content\":\(JSONText.quoted(text))"
        return "{\"type\":4,\"data\":{\(content),\"flags\":64,\"allowed_mentions\":{\"parse\":[]}}}"
    }

    /// "Thinking …", then the message is filled in.
    public func deferral(of event: JSONDocument) -> Deferral? {
        guard kind(of: event) == .command || kind(of: event) == .modal,
            let application = event.text("application_id"), let token = event.text("token"),
            isSafe(application), isSafe(token)
        else { return nil }
        return Deferral(
            notice: "{\"type\":5}",
            delay: patience,
            path: "/webhooks/\(application)/\(token)/messages/@original"
        )
    }

    private func kind(of event: JSONDocument) -> Interaction? {
        event.integer(event.root["type"]).flatMap(Interaction.init(rawValue:))
    }

    private func isSafe(_ segment: String) -> Bool {
        !segment.isEmpty && !segment.contains("..")
            && segment.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
