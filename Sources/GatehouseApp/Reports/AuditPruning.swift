import Audit
import Foundation

/// Deletes the oldest records of the audit store, so that it doesn't grow for ever.
public struct AuditPruning: Sendable {
    private let settings: Settings

    /// Looks after the audit store that the settings name.
    public init(settings: Settings) { self.settings = settings }

    /// Lets go what `audit.retention` doesn't keep any longer.
    ///
    /// - Parameters:
    ///   - actor: who asked for it; nil is the user of the system.
    ///   - isTrial: whether to count only.
    /// - Returns: what was done as text or JSON, and whether nothing is left to do.
    /// - Throws: ``SettingsError/missingValue(key:source:expected:)`` without such settings.
    public func retain(by actor: String?, isTrial: Bool, asJSON: Bool) async throws -> (String, Bool) {
        let policy = settings.auditRetention
        guard !policy.isEmpty else {
            throw SettingsError.missingValue(
                key: "audit.retention",
                source: "settings",
                expected: "how long what is kept, such as { texts: { allowed: 30d }, records: 1y, max_size: 20GB }"
            )
        }
        let keys = try settings.auditTextKeys
        if isTrial {
            let forecast = try await settings.audit.reader(keys: keys).forecast(policy, now: Date())
            let excess = forecast.excessBytes > 0 ? ", then the oldest records of \(forecast.excessBytes) bytes" : ""
            let text = "would erase \(forecast.texts) texts and delete \(forecast.records) records\(excess)\n"
            return (asJSON ? try JSONOutput.string(forecast) : text, true)
        }
        let key = try settings.auditSealing?.key
        let result = try await settings.audit.upkeep(keys: keys).retain(policy, by: actor ?? NSUserName(), key: key)
        let text = "erased \(result.erasedTexts) texts and deleted \(result.deletedRecords) records\n"
        let rest = result.isLogEmptied ? "" : AuditErasing.logRemains
        return (asJSON ? try JSONOutput.string(result) : text + rest, result.isLogEmptied)
    }

    /// Deletes the stretches of records that are older than a time, as far as checkpoints seal them.
    ///
    /// - Parameters:
    ///   - time: an age such as `90d`, a date or a date-time.
    ///   - actor: who asked for it; nil is the user of the system.
    ///   - isTrial: whether to count only.
    /// - Returns: what was done as text or JSON, and whether nothing is left to do.
    public func prune(before time: String, by actor: String?, isTrial: Bool, asJSON: Bool) async throws -> (
        String, Bool
    ) {
        let time = try TimeExpression.date(time)
        if isTrial {
            let count = try await settings.audit.reader().prunable(before: time)
            return (asJSON ? try JSONOutput.string(["records": count]) : "would delete \(count) records\n", true)
        }
        let key = try settings.auditSealing?.key
        let result = try await settings.audit.upkeep(keys: settings.auditTextKeys)
            .prune(before: time, by: actor ?? NSUserName(), key: key)
        if asJSON { return (try JSONOutput.string(result), result.isLogEmptied) }
        var text = "deleted \(result.records) records"
        if let last = result.acts.last { text += ", to record \(last.last.sequence)" }
        text += result.acts.isEmpty ? ": no stretch that ends with a checkpoint is wholly older\n" : "\n"
        return (text + (result.isLogEmptied ? "" : AuditErasing.logRemains), result.isLogEmptied)
    }
}
