public import Admin
public import Audit
import Foundation
public import Gateway
public import Logging
public import Sinks

/// Everything that can be set from outside, with its default.
///
/// Sources, weakest first: defaults, `gatehouse.yaml`, environment (`GATEHOUSE_…`), flags. See ``SettingsKey`` for the names.
public struct Settings: Sendable {
    /// Listener, limits and windows of the proxy.
    public var gateway = GatewaySettings()
    /// Chat platforms in front of bots' webhooks.
    public var platforms: [PlatformSettings] = []
    /// Base URL of the chatbot; nil answers with the built-in demo generator.
    public var upstream: String?
    /// Path of the judge's model file; nil takes the default model from the cache.
    public var model: String?
    /// Path of the adapter; nil takes the one that ships, for the default model only.
    ///
    /// Empty means none.
    public var adapter: String?
    /// Name of the prompt template; nil takes what the adapter says, else `shieldgemma`.
    public var template: String?
    /// Policy file or folder; nil takes `policies/default`, wherever the program was put.
    public var policies: String?
    /// Path of the audit store.
    public var auditFile = "gatehouse-audit.sqlite"
    /// The PostgreSQL database that is the audit store; nil for a file.
    public var auditDatabase: PostgresAddress?
    /// Path of the socket that `gatehouse policy` talks to; nil is `gatehouse.sock` beside the audit store.
    ///
    /// Empty means none.
    public var control: String?
    /// Where the admin API listens; nil is ``AdminAddress/standard`` where ``adminKeys`` is set, else nowhere.
    public var adminListen: AdminAddress?
    /// Path of the file with the keys of the admin API; nil for none, which leaves health, readiness and metrics.
    public var adminKeys: String?
    /// What is kept of the judged text.
    public var auditContent = ContentMode.redacted
    /// Where the key for digests of judged texts is: the path of a file, or `env:` and the name of a variable; nil makes plain ones.
    public var auditDigestKey: String?
    /// Where the keys that kept texts are encrypted with are, as ``auditDigestKey``; nil keeps texts as they are.
    ///
    /// Empty means none.
    public var auditEncryptionKey: String?
    /// Path of the file with the key that checkpoints of the audit store are signed with; nil signs none.
    public var auditSigningKey: String?
    /// Most records between two checkpoints.
    public var auditCheckpointInterval = AuditSealing.defaultInterval
    /// How long the audit store keeps what.
    public var auditRetention = RetentionPolicy()
    /// Where records are carried to, as they come.
    public var sinks: [SinkSettings] = []
    /// Threads that judge.
    public var threads = ProcessInfo.processInfo.activeProcessorCount
    /// Most requests that wait for the judge before it says 503.
    public var queueLimit = 256
    /// Longest text, in tokens, that is judged; a longer one counts as not judgeable.
    public var maxTextTokens = 16_384
    /// How log lines look.
    public var logFormat = LogFormat.text
    /// Least severity that is logged.
    public var logLevel = Logger.Level.info

    /// The defaults.
    public init() {}

    /// Where the admin API listens; nil where it is not wanted.
    package var adminAddress: AdminAddress? { adminListen ?? (adminKeys == nil ? nil : .standard) }

    /// Where the audit store is.
    public var audit: AuditLocation {
        guard let auditDatabase else { return .file(auditFile) }
        let folder = (auditFile as NSString).deletingLastPathComponent as NSString
        return .database(auditDatabase, spill: folder.appendingPathComponent("gatehouse-audit.spill"))
    }

    /// Who signs checkpoints of the audit store, and how often; nil where nobody does.
    ///
    /// - Throws: `AuditError` for a key file that can't be used.
    var auditSealing: AuditSealing? {
        get throws {
            try auditSigningKey.map { path in
                AuditSealing(key: try AuditSigningKey(path: path), interval: auditCheckpointInterval)
            }
        }
    }

    /// What digests of judged texts are made with; nil where they are plain.
    ///
    /// - Throws: `AuditError` for a key that can't be used.
    var auditDigest: AuditDigestKey? {
        get throws {
            try auditDigestKey.map { setting in
                try AuditDigestKey(setting: setting, environment: ProcessInfo.processInfo.environment)
            }
        }
    }

    /// What kept texts are encrypted with; no keys where they are not.
    ///
    /// - Throws: `AuditError` for keys that can't be used.
    var auditTextKeys: AuditTextKeys {
        get throws {
            guard let setting = auditEncryptionKey, !setting.isEmpty else { return AuditTextKeys() }
            return try AuditTextKeys(setting: setting, environment: ProcessInfo.processInfo.environment)
        }
    }

    /// Path of the control socket; empty for none.
    var controlPath: String {
        control
            ?? ((auditFile as NSString).deletingLastPathComponent as NSString).appendingPathComponent("gatehouse.sock")
    }
}

/// How log lines look.
public enum LogFormat: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// One JSON object a line.
    case json
}
