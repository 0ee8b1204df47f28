public import Foundation

/// Who may ask the admin API, and what of it; without the key itself.
public struct AdminKey: Sendable, Codable, Hashable {
    /// Whether a key opens anything.
    public enum State: String, Sendable, Hashable, CaseIterable {
        case active
        case expired
        case revoked
    }

    /// Whose it is; what is recorded of who did something.
    public var name: String
    /// What its holder may do.
    public var role: AdminRole
    /// What is kept of the key.
    let hash: AdminKeyHash
    /// When it was made.
    public var created: Date
    /// Who made it: the user of the system.
    public var createdBy: String
    /// From when on it opens nothing; nil for never.
    public var expires: Date?
    /// When it was taken back; nil while it was not.
    public var revoked: Date?
    /// Who took it back.
    public var revokedBy: String?

    /// Whether it opens anything at a time.
    public func state(at time: Date) -> State {
        if revoked != nil { return .revoked }
        return expires.map { $0 <= time } == true ? .expired : .active
    }
}

/// Who asks: the holder of a key.
public struct AdminCaller: Sendable, Hashable {
    /// Whose key it is.
    public var name: String
    /// What its holder may do.
    public var role: AdminRole

    /// As acts name it: `anna (reviewer)`.
    public var actor: String { "\(name) (\(role.rawValue))" }
}
