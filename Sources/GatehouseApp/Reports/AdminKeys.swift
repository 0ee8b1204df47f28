public import Admin
import Audit
public import Foundation

/// Gives people keys of the admin API and takes them back.
///
/// Each time an act is kept in the audit store, where there is one.
public struct AdminKeys: Sendable {
    private let settings: Settings
    private let file: AdminKeyFile

    /// Looks after the file with keys that the settings name.
    ///
    /// - Throws: ``SettingsError/missingValue(key:source:expected:)`` without one.
    public init(settings: Settings) throws {
        guard let path = settings.adminKeys else {
            throw SettingsError.missingValue(
                key: SettingsKey.adminKeys.rawValue,
                source: "settings",
                expected: "a file for the keys, such as --admin-keys /etc/gatehouse/admin-keys.json"
            )
        }
        self.settings = settings
        file = AdminKeyFile(path: path)
    }

    /// Makes a key and gives it in clear.
    ///
    /// - Parameter expires: a span such as `90d`, a date or a date-time; nil for never.
    public func create(name: String, role: AdminRole, expires: String?) async throws -> String {
        let end = try expires.map { text in try TimeExpression.deadline(text) }
        let key = try file.create(name: name, role: role, expires: end, by: NSUserName())
        let until = end.map { " until \($0.formatted(.iso8601))" } ?? ""
        try await note(.keyCreated, "key:\(name) \(role.rawValue)\(until)")
        return key
    }

    /// Takes a key back.
    public func revoke(name: String) async throws {
        try file.revoke(name: name, by: NSUserName())
        try await note(.keyRevoked, "key:\(name)")
    }

    /// Who has or had a key: a table, or one JSON object a line.
    public func list(asJSON: Bool, now: Date = Date()) throws -> String {
        let keys = try file.keys()
        if asJSON { return try keys.map { try AuditJSON.text(Line($0, now)) + "\n" }.joined() }
        guard !keys.isEmpty else { return "nobody has a key\n" }
        let width = keys.map(\.name.count).max() ?? 0
        return keys.map { key in
            let words = [
                key.name.padding(toLength: width, withPad: " ", startingAt: 0),
                key.role.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0),
                key.state(at: now).rawValue.padding(toLength: 7, withPad: " ", startingAt: 0),
                "made \(Self.day(key.created)) by \(key.createdBy)",
            ]
            var line = words.joined(separator: "  ")
            if let end = key.expires { line += ", expires \(Self.day(end))" }
            if let time = key.revoked { line += ", revoked \(Self.day(time)) by \(key.revokedBy ?? "?")" }
            return line + "\n"
        }.joined()
    }

    private func note(_ kind: AuditAct.Kind, _ subject: String) async throws {
        let upkeep: any AuditUpkeep
        do {
            upkeep = try settings.audit.upkeep()
        } catch AuditError.missingFile {
            // No gateway has recorded anything yet, so there is nothing that the key was for.
            return
        }
        _ = try await upkeep.keep(AuditActDraft(kind: kind, actor: NSUserName(), subject: subject))
    }

    private static func day(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day())
    }

    private struct Line: Encodable {
        var name: String
        var role: AdminRole
        var state: String
        var created: Date
        var createdBy: String
        var expires: Date?
        var revoked: Date?
        var revokedBy: String?

        init(_ key: AdminKey, _ now: Date) {
            name = key.name
            role = key.role
            state = key.state(at: now).rawValue
            created = key.created
            createdBy = key.createdBy
            expires = key.expires
            revoked = key.revoked
            revokedBy = key.revokedBy
        }
    }
}
