import Audit
import Foundation

/// Shows that the audit store is as it was written, and signs it.
public struct AuditIntegrity: Sendable {
    private let settings: Settings

    /// Looks after the audit store that the settings name.
    public init(settings: Settings) { self.settings = settings }

    /// What a walk along the chain found.
    ///
    /// - Parameters:
    ///   - publicKeys: who may have signed: base64, or files; empty means the public half of `audit.signing_key`, where that is
    ///     set.
    ///   - checkpoints: lines that were published.
    /// - Returns: the report as text or JSON, and whether all is well.
    public func verify(publicKeys: [String], checkpoints: [String], asJSON: Bool) async throws -> (String, Bool) {
        var evidence = ChainEvidence(
            keys: Set(try publicKeys.map(AuditPublicKey.init(argument:))),
            checkpoints: try checkpoints.map(Checkpoint.init(line:))
        )
        if publicKeys.isEmpty, let key = try settings.auditSealing?.key { evidence.keys = [key.publicKey] }
        let report = try await settings.audit.reader(keys: settings.auditTextKeys).verify(evidence)
        return (asJSON ? try JSONOutput.string(report) : report.text, report.fault == nil)
    }

    /// Signs where each chain ends and gives the lines to publish.
    ///
    /// - Throws: ``SettingsError/missingValue(key:source:expected:)`` without a key.
    public func checkpoint() async throws -> String {
        guard let key = try settings.auditSealing?.key else {
            throw SettingsError.missingValue(
                key: SettingsKey.auditSigningKey.rawValue,
                source: "settings",
                expected: "a key file, as 'gatehouse audit key FILE' makes one"
            )
        }
        return try await settings.audit.upkeep().checkpoint(key: key).map { $0.line + "\n" }.joined()
    }

    /// The public key of a key file, which is made where it is absent.
    public static func publicKey(of path: String) throws -> String {
        if !FileManager.default.fileExists(atPath: path) { try AuditSigningKey().write(to: path) }
        return try "\(AuditSigningKey(path: path).publicKey)\n"
    }
}
