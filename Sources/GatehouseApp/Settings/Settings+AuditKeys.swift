import Audit

extension Settings {
    /// Checks that what the audit store is to do has the keys that it takes.
    ///
    /// - Throws: ``SettingsError/missingValue(key:source:expected:)``.
    package func checkAuditKeys() throws(SettingsError) {
        if let key = auditEncryptionKey, !key.isEmpty, auditDigestKey == nil {
            // Beside an encrypted text a digest that anybody can make would tell what a short text is.
            throw .missingValue(
                key: SettingsKey.auditDigestKey.rawValue,
                source: "settings with audit.encryption_key",
                expected: "a key for digests too: plain digests would tell what short texts say"
            )
        }
        if auditRetention.deletesRecords, auditSigningKey == nil {
            throw .missingValue(
                key: SettingsKey.auditSigningKey.rawValue,
                source: "settings with audit.retention",
                expected: "a key file, as 'gatehouse audit key FILE' makes one: records go only up to a checkpoint"
            )
        }
    }
}
