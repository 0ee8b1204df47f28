public import Audit
import Foundation

/// Removes people's texts from the audit store, and says who did so.
public struct AuditErasing: Sendable {
    /// Said where older copies may still be in the store's log, or in dead rows.
    static let logRemains =
        "older copies could not be removed, because somebody was reading the store all the time; run this again\n"

    private let settings: Settings

    /// Looks after the audit store that the settings name.
    public init(settings: Settings) { self.settings = settings }

    /// Erases the kept texts of a subject, such as `request:ID`.
    ///
    /// - Parameters:
    ///   - actor: who asked for it; nil is the user of the system.
    ///   - isTrial: whether to count only.
    /// - Returns: what was done as text or JSON, and whether nothing is left to do.
    public func erase(_ subject: String, by actor: String?, isTrial: Bool, asJSON: Bool) async throws -> (String, Bool)
    {
        let subject = try ErasureSubject(subject)
        if isTrial {
            let kept = try await settings.audit.reader().kept(of: subject)
            let text = "would erase \(kept.texts) texts in \(kept.records) records of \(kept.subject)\n"
            return (asJSON ? try JSONOutput.string(kept) : text, true)
        }
        let key = try settings.auditSealing?.key
        let erasure = try await settings.audit.upkeep(keys: settings.auditTextKeys)
            .erase(subject, by: actor ?? NSUserName(), key: key)
        let text = "erased \(erasure.texts) texts in \(erasure.records) records of \(subject)\n"
        let rest = erasure.isLogEmptied ? "" : Self.logRemains
        return (asJSON ? try JSONOutput.string(erasure) : text + rest, erasure.isLogEmptied)
    }

    /// Encrypts every kept text that is not encrypted with the newest key.
    ///
    /// - Parameters: as those of an erasure.
    public func rekey(by actor: String?, isTrial: Bool, asJSON: Bool) async throws -> (String, Bool) {
        let keys = try settings.auditTextKeys
        if isTrial {
            let count = try await settings.audit.reader(keys: keys).rekeyable()
            return (asJSON ? try JSONOutput.string(["texts": count]) : "would encrypt \(count) texts\n", true)
        }
        let key = try settings.auditSealing?.key
        let result = try await settings.audit.upkeep(keys: keys).rekey(by: actor ?? NSUserName(), key: key)
        let text = "encrypted \(result.texts) texts in \(result.records) records with the key \(keys.newestID ?? "")\n"
        let rest = result.isLogEmptied ? "" : Self.logRemains
        return (asJSON ? try JSONOutput.string(result) : text + rest, result.isLogEmptied)
    }

    /// What people did to the store, the newest first.
    ///
    /// - Returns: a table, or one JSON object a line; and where to go on when there are more.
    public func acts(_ filter: ActFilter, limit: Int, after position: AuditPosition?, asJSON: Bool) async throws -> (
        String, next: AuditPosition?
    ) {
        let page = try await settings.audit.reader().acts(filter, limit: limit, after: position)
        if asJSON { return (try page.acts.map { act in try AuditJSON.line(act) + "\n" }.joined(), page.next) }
        let isPart = filter != ActFilter() || position != nil
        return (page.acts.isEmpty && isPart ? "no such acts\n" : AuditActTable.render(page.acts), page.next)
    }
}
