import Foundation
import Gateway
import Yams

/// One entry of `platforms:`, a chat platform in front of a bot's webhook.
///
/// | key | meaning |
/// |---|---|
/// | `path` | where the platform's events come |
/// | `platform` | `slack`, `discord` or `google_chat` |
/// | `secret` | Slack: signing secret; Discord: public key; Google Chat: verification token |
/// | `public_key`, `audience` | Google Chat: file with Google's keys, and whom its tokens must be for |
/// | `bot` | URL of the bot's webhook |
/// | `api` | Discord: base URL of its API |
///
/// `${NAME}` stands for a variable of the environment; it is read when the gateway starts.
public struct PlatformSettings: Sendable, Hashable {
    /// Chat platforms.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case slack
        case discord
        case googleChat = "google_chat"
    }

    private static let keys = ["path", "platform", "secret", "public_key", "audience", "bot", "api"]

    /// Where events come.
    public var path: String
    /// Who sends them.
    public var kind: Kind
    /// Secret, key or token, or the name of the variable that holds it.
    public var secret: String?
    /// File with Google's public keys.
    public var publicKeyFile: String?
    /// Whom Google's tokens must be for.
    public var audience: String?
    /// Scheme, host and port of the bot.
    public var botBase: String
    /// Path of the bot's webhook.
    public var botPath: String
    /// Base URL of the platform's own API.
    public var api: String
    /// Where the entry stands, for messages.
    public var place: String
    /// The entry's name, for messages.
    public var name: String

    /// Reads an entry.
    ///
    /// - Parameter taken: canonical paths of entries before this one.
    init(_ node: Node, name: String, file: String, taken: inout Set<String>) throws(SettingsError) {
        let entry = try EntryReader(node, name: name, noun: "a platform", keys: Self.keys, file: file)
        self.name = name
        place = entry.place
        path = try RouteReader.path(of: entry, taken: &taken).path
        guard let kind = try entry.choice("platform", of: Kind.self) else {
            throw entry.problem("platform", expected: "slack, discord or google_chat")
        }
        self.kind = kind
        secret = try entry.text("secret", expected: Self.secretName(kind))
        publicKeyFile = try entry.text("public_key", expected: "a file with PUBLIC KEY blocks")
        audience = try entry.text("audience", expected: "a project number or the webhook's URL")
        let expectedBot = "the URL of the bot's webhook, such as http://127.0.0.1:9000/events"
        guard let bot = try entry.text("bot", expected: expectedBot), let (base, path) = Self.split(bot) else {
            throw entry.problem("bot", expected: expectedBot)
        }
        (botBase, botPath) = (base, path)
        let expectedAPI = "a URL such as https://discord.com/api/v10"
        api = try entry.text("api", expected: expectedAPI) ?? "https://discord.com/api/v10"
        guard Self.split(api) != nil else { throw entry.problem("api", expected: expectedAPI) }
        guard kind == .googleChat else {
            if secret == nil { throw entry.problem("secret", expected: Self.secretName(kind)) }
            return
        }
        guard (secret == nil) != (publicKeyFile == nil) else {
            throw entry.problem(
                "secret",
                expected: "the app's verification token, or 'public_key' and 'audience' instead"
            )
        }
        guard publicKeyFile == nil || audience != nil else {
            throw entry.problem("audience", expected: "a project number or the webhook's URL")
        }
    }

    private static func secretName(_ kind: Kind) -> String {
        switch kind {
        case .slack: "the app's signing secret, such as ${SLACK_SIGNING_SECRET}"
        case .discord: "the application's public key: 64 hexadecimal digits"
        case .googleChat: "the app's verification token, such as ${GOOGLE_CHAT_TOKEN}"
        }
    }

    private static func split(_ text: String) -> (base: String, path: String)? {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
            url.host?.isEmpty == false, url.query == nil, url.fragment == nil, url.user == nil,
            let start = text.range(of: "://")
        else { return nil }
        let slash = text[start.upperBound...].firstIndex(of: "/") ?? text.endIndex
        return (String(text[..<slash]), slash == text.endIndex ? "/" : String(text[slash...]))
    }
}

// MARK: - What the environment and files say

extension PlatformSettings {
    /// The platform, with its secret.
    ///
    /// - Throws: ``SettingsError`` for a variable that is not set, a key that is none, a file that can't be read.
    func platform(environment: [String: String]) throws(SettingsError) -> any ChatPlatform {
        let secret = try resolved(secret, environment) ?? ""
        switch kind {
        case .slack:
            return SlackPlatform(signingSecret: secret)
        case .discord:
            guard let platform = DiscordPlatform(publicKey: secret) else {
                throw problem("secret", Self.secretName(kind))
            }
            return platform
        case .googleChat:
            guard let file = publicKeyFile else { return GoogleChatPlatform(proof: .token(secret)) }
            guard let pem = try? String(contentsOfFile: file, encoding: .utf8),
                let keys = GoogleChatKeys(pem: pem, audience: try resolved(audience, environment) ?? "")
            else { throw problem("public_key", "a file with PUBLIC KEY blocks") }
            return GoogleChatPlatform(proof: .signature(keys))
        }
    }

    private func resolved(_ text: String?, _ environment: [String: String]) throws(SettingsError) -> String? {
        guard let text, text.hasPrefix("${"), text.hasSuffix("}") else { return text }
        let variable = String(text.dropFirst(2).dropLast())
        guard let value = environment[variable], !value.isEmpty else {
            throw problem("secret", "the environment variable \(variable) to be set")
        }
        return value
    }

    private func problem(_ key: String, _ expected: String) -> SettingsError {
        .invalidValue(key: "\(name).\(key)", source: place, expected: expected)
    }
}
