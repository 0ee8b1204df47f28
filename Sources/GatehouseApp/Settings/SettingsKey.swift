import Admin
import Audit
import Foundation
import Gateway
import HTTPTypes
import Logging
import PolicyFiles

/// Every setting, by its name in `gatehouse.yaml`.
///
/// | key | flag | environment |
/// |---|---|---|
/// | `audit.file` | `--audit-file` | `GATEHOUSE_AUDIT_FILE` |
///
/// and so on: dots and underscores become hyphens in flags; dots become underscores in variables.
public enum SettingsKey: String, CaseIterable, Sendable {
    case host
    case port
    case upstream
    case policies
    case control
    case adminListen = "admin.listen"
    case adminKeys = "admin.keys"
    case blockAs = "block_as"
    case model
    case adapter
    case template
    case auditFile = "audit.file"
    case auditDatabase = "audit.database"
    case auditContent = "audit.content"
    case auditOnFailure = "audit.on_failure"
    case auditDigestKey = "audit.digest_key"
    case auditEncryptionKey = "audit.encryption_key"
    case auditSigningKey = "audit.signing_key"
    case auditCheckpointEvery = "audit.checkpoint_every"
    case retainAllowedTexts = "audit.retention.texts.allowed"
    case retainFlaggedTexts = "audit.retention.texts.flagged"
    case retainBlockedTexts = "audit.retention.texts.blocked"
    case retainRecords = "audit.retention.records"
    case retainSize = "audit.retention.max_size"
    case threads = "judge.threads"
    case queueLimit = "judge.queue"
    case maxTextTokens = "judge.max_text_tokens"
    case maxBodyBytes = "limits.max_body_bytes"
    case maxResponseBytes = "limits.max_response_bytes"
    case maxHeaderBytes = "limits.max_header_bytes"
    case clientTimeout = "limits.client_timeout"
    case connectTimeout = "limits.connect_timeout"
    case firstByteTimeout = "limits.first_byte_timeout"
    case idleTimeout = "limits.idle_timeout"
    case maxUpstreamConnections = "limits.max_upstream_connections"
    case firstWindow = "stream.first_window"
    case largestWindow = "stream.largest_window"
    case holdBack = "stream.hold_back"
    case flagWindows = "stream.flag_windows"
    case blockWindows = "stream.block_windows"
    case keepAlive = "stream.keep_alive"
    case tenantHeader = "tenant_header"
    case logFormat = "log.format"
    case logLevel = "log.level"

    /// Name on the command line, without the two hyphens.
    public var flag: String {
        rawValue.replacing(".", with: "-").replacing("_", with: "-")
    }

    /// Name in the environment.
    public var variable: String {
        "GATEHOUSE_" + rawValue.replacing(".", with: "_").uppercased()
    }

    /// Default of a setting that is a number: bytes, tokens, seconds or a count; empty for others.
    public var defaultNumber: String {
        let settings = Settings()
        return switch self {
        case .port: "\(settings.gateway.port)"
        case .queueLimit: "\(settings.queueLimit)"
        case .maxTextTokens: "\(settings.maxTextTokens)"
        case .auditCheckpointEvery: "\(settings.auditCheckpointInterval)"
        case .maxBodyBytes: "\(settings.gateway.maxBodyBytes)"
        case .maxResponseBytes: "\(settings.gateway.maxResponseBytes)"
        case .maxHeaderBytes: "\(settings.gateway.maxHeaderBytes)"
        case .clientTimeout: "\(settings.gateway.clientBodyTimeout.components.seconds)"
        case .connectTimeout: "\(settings.gateway.upstreamConnectTimeout.components.seconds)"
        case .firstByteTimeout: "\(settings.gateway.upstreamFirstByteTimeout.components.seconds)"
        case .idleTimeout: "\(settings.gateway.upstreamIdleTimeout.components.seconds)"
        case .maxUpstreamConnections: "\(settings.gateway.maxUpstreamConnections)"
        case .firstWindow: "\(settings.gateway.windows.firstBytes)"
        case .largestWindow: "\(settings.gateway.windows.maxBytes)"
        case .holdBack: "\(settings.gateway.windows.holdBackBytes)"
        case .flagWindows: "\(settings.gateway.windows.flagWindows)"
        case .blockWindows: "\(settings.gateway.windows.blockWindows)"
        case .keepAlive: "\(settings.gateway.keepAlive.components.seconds)"
        default: ""
        }
    }

    /// What a value must be, in words.
    var expectation: String {
        switch self {
        case .host: "an address to listen on, such as 127.0.0.1"
        case .port: "a port number, 0...65535"
        case .upstream: "a URL such as http://127.0.0.1:9000"
        case .policies, .model, .template, .auditFile, .auditSigningKey, .adminKeys: "a non-empty text"
        case .auditDatabase: "a connection string such as postgresql://gatehouse@db.example/gatehouse, percent-encoded"
        case .adapter: "a path, or nothing for no adapter"
        case .control: "a path, or nothing for no control socket"
        case .adminListen: "an address and a port, such as 127.0.0.1:8081"
        case .blockAs: "message or error"
        case .auditDigestKey: "the path of a file, or env: and the name of a variable"
        case .auditEncryptionKey: "the path of a file, env: and the name of a variable, or nothing for no encryption"
        case .auditContent: "one of " + ContentMode.allCases.map(\.rawValue).joined(separator: ", ")
        case .auditOnFailure: "block or allow"
        case .retainAllowedTexts, .retainFlaggedTexts, .retainBlockedTexts, .retainRecords:
            "an age such as 30d, 26w or 1y"
        case .retainSize: "a size such as 500MB, 20GB or 1.5TB"
        case .threads: "a number of threads, 1...256"
        case .queueLimit, .maxTextTokens, .maxBodyBytes, .maxResponseBytes, .maxHeaderBytes, .maxUpstreamConnections,
            .firstWindow, .largestWindow, .holdBack, .flagWindows, .blockWindows, .auditCheckpointEvery:
            "a whole number above 0"
        case .clientTimeout, .connectTimeout, .firstByteTimeout, .idleTimeout, .keepAlive:
            "a number of seconds above 0, such as 30 or 2.5"
        case .tenantHeader: "the name of a field, such as x-tenant, that carries no key"
        case .logFormat: "text or json"
        case .logLevel: "trace, debug, info, notice, warning, error or critical"
        }
    }

    /// The known key that is closest in spelling; nil when none is close.
    static func nearest(to key: String) -> String? {
        Suggestion.nearest(to: key, in: allCases.map(\.rawValue) + SettingsLoader.lists)
    }
}

extension SettingsKey {
    /// Puts a value in its place; false when it is not usable.
    func apply(_ text: String, _ settings: inout Settings) -> Bool {
        switch self {
        case .host: return Self.set(&settings.gateway.host, text.isEmpty ? nil : text)
        case .port: return Self.set(&settings.gateway.port, Int(text).flatMap { 0...65535 ~= $0 ? $0 : nil })
        case .upstream: return Self.set(&settings.upstream, Self.httpURL(text))
        case .policies: return Self.set(&settings.policies, text.isEmpty ? nil : text)
        case .model: return Self.set(&settings.model, text.isEmpty ? nil : text)
        case .adapter: return Self.set(&settings.adapter, text)
        case .control: return Self.set(&settings.control, text)
        case .adminListen: return Self.set(&settings.adminListen, try? AdminAddress(text))
        case .adminKeys: return Self.set(&settings.adminKeys, text.isEmpty ? nil : text)
        case .template: return Self.set(&settings.template, text.isEmpty ? nil : text)
        case .blockAs: return Self.set(&settings.gateway.blockAs, .init(rawValue: text))
        case .auditFile: return Self.set(&settings.auditFile, text.isEmpty ? nil : text)
        case .auditDatabase: return Self.set(&settings.auditDatabase, try? PostgresAddress(text))
        case .auditContent: return Self.set(&settings.auditContent, ContentMode(rawValue: text))
        case .auditOnFailure: return Self.set(&settings.gateway.onAuditFailure, .init(rawValue: text))
        case .auditDigestKey: return Self.set(&settings.auditDigestKey, ["", "env:"].contains(text) ? nil : text)
        case .auditEncryptionKey: return Self.set(&settings.auditEncryptionKey, text == "env:" ? nil : text)
        case .auditSigningKey: return Self.set(&settings.auditSigningKey, text.isEmpty ? nil : text)
        case .auditCheckpointEvery: return Self.set(&settings.auditCheckpointInterval, Self.positive(text))
        case .retainAllowedTexts: return Self.set(&settings.auditRetention.texts[.allowed], Self.age(text))
        case .retainFlaggedTexts: return Self.set(&settings.auditRetention.texts[.flagged], Self.age(text))
        case .retainBlockedTexts: return Self.set(&settings.auditRetention.texts[.blocked], Self.age(text))
        case .retainRecords: return Self.set(&settings.auditRetention.records, Self.age(text))
        case .retainSize: return Self.set(&settings.auditRetention.maxBytes, ByteSize.bytes(text))
        case .threads: return Self.set(&settings.threads, Self.positive(text).flatMap { $0 <= 256 ? $0 : nil })
        case .queueLimit: return Self.set(&settings.queueLimit, Self.positive(text))
        case .maxTextTokens: return Self.set(&settings.maxTextTokens, Self.positive(text))
        case .maxBodyBytes: return Self.set(&settings.gateway.maxBodyBytes, Self.positive(text))
        case .maxResponseBytes: return Self.set(&settings.gateway.maxResponseBytes, Self.positive(text))
        case .maxHeaderBytes: return Self.set(&settings.gateway.maxHeaderBytes, Self.positive(text))
        case .clientTimeout: return Self.set(&settings.gateway.clientBodyTimeout, Self.seconds(text))
        case .connectTimeout: return Self.set(&settings.gateway.upstreamConnectTimeout, Self.seconds(text))
        case .firstByteTimeout: return Self.set(&settings.gateway.upstreamFirstByteTimeout, Self.seconds(text))
        case .idleTimeout: return Self.set(&settings.gateway.upstreamIdleTimeout, Self.seconds(text))
        case .maxUpstreamConnections: return Self.set(&settings.gateway.maxUpstreamConnections, Self.positive(text))
        case .firstWindow: return Self.set(&settings.gateway.windows.firstBytes, Self.positive(text))
        case .largestWindow: return Self.set(&settings.gateway.windows.maxBytes, Self.positive(text))
        case .holdBack: return Self.set(&settings.gateway.windows.holdBackBytes, Self.positive(text))
        case .flagWindows: return Self.set(&settings.gateway.windows.flagWindows, Self.positive(text))
        case .blockWindows: return Self.set(&settings.gateway.windows.blockWindows, Self.positive(text))
        case .keepAlive: return Self.set(&settings.gateway.keepAlive, Self.seconds(text))
        case .tenantHeader: return Self.set(&settings.gateway.tenants.header, Self.tenantHeader(text))
        case .logFormat: return Self.set(&settings.logFormat, LogFormat(rawValue: text))
        case .logLevel: return Self.set(&settings.logLevel, Logger.Level(rawValue: text))
        }
    }

    private static func set<Value>(_ place: inout Value, _ value: Value?) -> Bool {
        guard let value else { return false }
        place = value
        return true
    }

    private static func set<Value>(_ place: inout Value?, _ value: Value?) -> Bool {
        guard let value else { return false }
        place = value
        return true
    }

    private static func positive(_ text: String) -> Int? {
        Int(text).flatMap { $0 > 0 ? $0 : nil }
    }

    private static func seconds(_ text: String) -> Duration? {
        Double(text).flatMap { $0 > 0 && $0 <= 86_400 ? .seconds($0) : nil }
    }

    private static func age(_ text: String) -> TimeInterval? {
        TimeExpression.age(text).flatMap { $0 > 0 ? $0 : nil }
    }

    private static func tenantHeader(_ text: String) -> HTTPField.Name? {
        HTTPField.Name(text).flatMap { Tenants.isUsable($0) ? $0 : nil }
    }

    private static func httpURL(_ text: String) -> String? {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
            url.host?.isEmpty == false
        else { return nil }
        return text
    }
}
