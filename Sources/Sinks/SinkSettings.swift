public import Audit
import Foundation

/// One entry of `audit: { sinks: [ … ] }`.
public struct SinkSettings: Sendable, Hashable {
    /// Where records go.
    public enum Target: Sendable, Hashable {
        /// A file of JSON lines; set aside when it would grow past `maxBytes`, with the `keep` newest of those kept.
        case file(path: String, maxBytes: Int?, keep: Int?)
        /// A URL that batches are posted to, signed with the secret.
        case webhook(url: String, secret: String?)
        /// A stream of a Redis server, cut to about `maxLength` entries.
        case redis(RedisAddress, stream: String, maxLength: Int?, password: String?)
    }

    /// What its position is kept under, and its label in metrics.
    public var name: String
    /// Where records go; secrets are `env:NAME` or the path of a file.
    public var target: Target
    /// Whether kept texts go too.
    public var hasContent: Bool
    /// Which records go; empty means all.
    public var results: Set<AuditResult>
    /// Whether a sink that is new gets all records that are there, and not only those that come.
    public var beginsAtStart: Bool
    /// Most records that are handed over at a time.
    public var batchRecords: Int

    /// Creates settings.
    public init(
        name: String,
        target: Target,
        hasContent: Bool = false,
        results: Set<AuditResult> = [],
        beginsAtStart: Bool = false,
        batchRecords: Int = 200
    ) {
        self.name = name
        self.target = target
        self.hasContent = hasContent
        self.results = results
        self.beginsAtStart = beginsAtStart
        self.batchRecords = batchRecords
    }

    /// Makes the sink; nothing is opened yet.
    ///
    /// - Throws: ``SinkError/noSecret(sink:setting:reason:)``.
    public func makeSink(environment: [String: String]) throws(SinkError) -> any Sink {
        switch target {
        case .file(let path, let maxBytes, let keep): return FileSink(path: path, maxBytes: maxBytes, keep: keep)
        case .webhook(let url, nil): return WebhookSink(url: url, signature: nil)
        case .webhook(let url, let setting?):
            guard let signature = WebhookSignature(secret: try secret(setting, environment)) else {
                throw .noSecret(sink: name, setting: setting, reason: "what follows 'whsec_' is not base64")
            }
            return WebhookSink(url: url, signature: signature)
        case .redis(var address, let stream, let maxLength, let password):
            if let password { address.password = try secret(password, environment) }
            return RedisSink(address, stream: stream, maxLength: maxLength)
        }
    }

    private func secret(_ setting: String, _ environment: [String: String]) throws(SinkError) -> String {
        let secret: String
        do {
            secret = try KeyFile.text(setting: setting, environment: environment)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        } catch .unusableKey(_, let reason) {
            throw .noSecret(sink: name, setting: setting, reason: reason)
        } catch {
            throw .noSecret(sink: name, setting: setting, reason: "\(error)")
        }
        if secret.isEmpty { throw .noSecret(sink: name, setting: setting, reason: "it is empty") }
        return secret
    }
}
