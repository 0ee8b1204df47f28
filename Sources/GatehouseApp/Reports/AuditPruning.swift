import Audit
import Foundation

/// Deletes the oldest records of the audit store, so that it doesn't grow for ever.
public struct AuditPruning: Sendable {
    private let settings: Settings

    /// Looks after the audit store that the settings name.
    public init(settings: Settings) { self.settings = settings }

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
        let result = try await settings.audit.upkeep()
            .prune(before: time, by: actor ?? NSUserName(), key: key)
        if asJSON { return (try JSONOutput.string(result), result.isLogEmptied) }
        var text = "deleted \(result.records) records"
        if let last = result.acts.last { text += ", to record \(last.last.sequence)" }
        text += result.acts.isEmpty ? ": no stretch that ends with a checkpoint is wholly older\n" : "\n"
        return (text + (result.isLogEmptied ? "" : AuditErasing.logRemains), result.isLogEmptied)
    }
}
