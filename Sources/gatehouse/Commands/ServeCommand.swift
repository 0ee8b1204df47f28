import ArgumentParser
import Foundation
import GatehouseApp

/// `gatehouse serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Start the gateway.",
        discussion: """
            Every flag is also a setting of gatehouse.yaml and an environment variable: --audit-file is `audit: { file: … }` \
            and GATEHOUSE_AUDIT_FILE. Flags win over the environment, which wins over the file.
            """
    )

    @OptionGroup(title: "Settings") var file: SettingsFileOption
    @OptionGroup(title: "Judging") var judge: JudgeOptions

    @Option(help: "Address to listen on. Default: 127.0.0.1.")
    var host: String?
    @Option(help: "Port to listen on; 0 takes a free one. Default: 8080.")
    var port: String?
    @Option(help: "Base URL of the chatbot, without /v1. Default: a built-in demo generator.")
    var upstream: String?
    @Option(
        help:
            "How a blocked prompt is refused: message (HTTP 200 with a refusal) or error (HTTP 400). Default: message."
    )
    var blockAs: String?
    @Option(name: .customLong("judge-queue"), help: "Most requests that wait for the judge. Default: 256.")
    var queue: String?

    @Option(
        help:
            "Socket for `gatehouse policy reload` and the like; an empty value means none. Default: gatehouse.sock beside the audit store."
    )
    var control: String?
    @Option(
        help:
            "Address and port of the admin API. Default: 127.0.0.1:8081 with --admin-keys, else none; see docs/admin-api.md."
    )
    var adminListen: String?
    @Option(help: "File with the keys of the admin API, as `gatehouse admin key create` makes it. Default: none.")
    var adminKeys: String?
    @Option(help: "Audit store (SQLite). Default: gatehouse-audit.sqlite.")
    var auditFile: String?
    @Option(help: "Audit store in PostgreSQL, for several gateways: a connection string. Default: a file.")
    var auditDatabase: String?
    @Option(help: "What is kept of judged texts: none, digest, redacted or full. Default: redacted.")
    var auditContent: String?
    @Option(help: "When a decision can't be recorded: block, or allow (and keep it beside the store). Default: block.")
    var auditOnFailure: String?
    @Option(help: "File with the key for digests of judged texts, or env:VARIABLE. Default: plain SHA-256.")
    var auditDigestKey: String?
    @Option(help: "File with the keys that kept texts are encrypted with, or env:VARIABLE. Default: kept as they are.")
    var auditEncryptionKey: String?
    @Option(help: "File with the key that checkpoints of the store are signed with. Default: none are signed.")
    var auditSigningKey: String?
    @Option(help: "Most records between two checkpoints. Default: \(SettingsKey.auditCheckpointEvery.defaultNumber).")
    var auditCheckpointEvery: String?

    @Option(
        name: .customLong("audit-retention-texts-allowed"),
        help: "Age at which texts of allowed decisions are erased."
    )
    var retainAllowedTexts: String?
    @Option(name: .customLong("audit-retention-texts-flagged"), help: "That of texts of flagged and masked ones.")
    var retainFlaggedTexts: String?
    @Option(name: .customLong("audit-retention-texts-blocked"), help: "That of texts of blocked ones.")
    var retainBlockedTexts: String?
    @Option(name: .customLong("audit-retention-records"), help: "Age at which records are deleted. Default: never.")
    var retainRecords: String?
    @Option(
        name: .customLong("audit-retention-max-size"),
        help: "Size from which on the oldest records are deleted, such as 20GB. Default: no limit."
    )
    var retainSize: String?

    @Option(
        name: .customLong("limits-max-body-bytes"),
        help: "Largest request body that is judged. Default: \(SettingsKey.maxBodyBytes.defaultNumber)."
    )
    var maxBodyBytes: String?
    @Option(
        name: .customLong("limits-max-response-bytes"),
        help: "Largest response that is judged. Default: \(SettingsKey.maxResponseBytes.defaultNumber)."
    )
    var maxResponseBytes: String?
    @Option(
        name: .customLong("limits-max-header-bytes"),
        help: "Largest request head. Default: \(SettingsKey.maxHeaderBytes.defaultNumber)."
    )
    var maxHeaderBytes: String?
    @Option(
        name: .customLong("limits-client-timeout"),
        help: "Seconds that a client may stall while sending. Default: \(SettingsKey.clientTimeout.defaultNumber)."
    )
    var clientTimeout: String?
    @Option(
        name: .customLong("limits-connect-timeout"),
        help: "Seconds to reach the chatbot. Default: \(SettingsKey.connectTimeout.defaultNumber)."
    )
    var connectTimeout: String?
    @Option(
        name: .customLong("limits-first-byte-timeout"),
        help: "Seconds until the chatbot answers. Default: \(SettingsKey.firstByteTimeout.defaultNumber)."
    )
    var firstByteTimeout: String?
    @Option(
        name: .customLong("limits-idle-timeout"),
        help: "Seconds that the chatbot may pause in an answer. Default: \(SettingsKey.idleTimeout.defaultNumber)."
    )
    var idleTimeout: String?
    @Option(
        name: .customLong("limits-max-upstream-connections"),
        help:
            "Connections to the chatbot at the same time. Default: \(SettingsKey.maxUpstreamConnections.defaultNumber)."
    )
    var maxUpstreamConnections: String?
    @Option(
        name: .customLong("stream-first-window"),
        help:
            "Bytes of text that start the first judging of a stream. Default: \(SettingsKey.firstWindow.defaultNumber)."
    )
    var firstWindow: String?
    @Option(
        name: .customLong("stream-largest-window"),
        help:
            "Most bytes of new text between two judgings of a stream. Default: \(SettingsKey.largestWindow.defaultNumber)."
    )
    var largestWindow: String?
    @Option(
        name: .customLong("stream-hold-back"),
        help:
            "Bytes of judged text that stay back, so that nothing to mask is cut in two. Default: \(SettingsKey.holdBack.defaultNumber)."
    )
    var holdBack: String?
    @Option(
        name: .customLong("stream-flag-windows"),
        help: "Windows in a row at a flag level that make a flag. Default: \(SettingsKey.flagWindows.defaultNumber)."
    )
    var flagWindows: String?
    @Option(
        name: .customLong("stream-block-windows"),
        help: "Windows in a row at a block level that end a stream. Default: \(SettingsKey.blockWindows.defaultNumber)."
    )
    var blockWindows: String?
    @Option(
        name: .customLong("stream-keep-alive"),
        help:
            "Seconds of silence after which a held stream sends a comment. Default: \(SettingsKey.keepAlive.defaultNumber)."
    )
    var keepAlive: String?

    @Option(help: "Field in which a proxy of yours names the tenant of a request. Default: none is trusted.")
    var tenantHeader: String?

    @Option(help: "Log lines: text or json. Default: text.")
    var logFormat: String?
    @Option(help: "Least severity that is logged: trace … critical. Default: info.")
    var logLevel: String?

    func run() async throws {
        let settings = try file.settings(flags: judge.flags + flags)
        do {
            // Not print(), whose buffer is not written out when standard output is a file or a pipe.
            try await GatewayServer(settings: settings).run { FileHandle.standardOutput.write(Data(($0 + "\n").utf8)) }
        } catch {
            try reportingUnusable { throw error }
        }
    }

    private var flags: [(SettingsKey, String?)] {
        [
            (.host, host), (.port, port), (.upstream, upstream), (.blockAs, blockAs), (.queueLimit, queue),
            (.control, control), (.adminListen, adminListen), (.adminKeys, adminKeys),
            (.auditFile, auditFile), (.auditDatabase, auditDatabase), (.auditContent, auditContent),
            (.auditOnFailure, auditOnFailure),
            (.auditDigestKey, auditDigestKey), (.auditEncryptionKey, auditEncryptionKey),
            (.auditSigningKey, auditSigningKey),
            (.auditCheckpointEvery, auditCheckpointEvery),
            (.retainAllowedTexts, retainAllowedTexts), (.retainFlaggedTexts, retainFlaggedTexts),
            (.retainBlockedTexts, retainBlockedTexts), (.retainRecords, retainRecords), (.retainSize, retainSize),
            (.maxBodyBytes, maxBodyBytes), (.maxResponseBytes, maxResponseBytes), (.maxHeaderBytes, maxHeaderBytes),
            (.clientTimeout, clientTimeout), (.connectTimeout, connectTimeout), (.firstByteTimeout, firstByteTimeout),
            (.idleTimeout, idleTimeout), (.maxUpstreamConnections, maxUpstreamConnections), (.firstWindow, firstWindow),
            (.largestWindow, largestWindow), (.holdBack, holdBack), (.flagWindows, flagWindows),
            (.blockWindows, blockWindows), (.keepAlive, keepAlive), (.tenantHeader, tenantHeader),
            (.logFormat, logFormat), (.logLevel, logLevel),
        ]
    }
}
