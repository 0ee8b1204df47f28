import Foundation
import Gateway

/// Has a running gateway change its policies, through its control socket.
public struct PolicyControl: Sendable {
    private let client: ControlClient

    /// The gateway that the settings describe; nothing is opened yet.
    public init(settings: Settings) {
        client = ControlClient(path: settings.controlPath)
    }

    /// What judges now.
    ///
    /// - Throws: `ControlError`.
    public func status() async throws -> PolicyReply { try await ask("GET", "status") }

    /// Has the files read again.
    ///
    /// - Throws: `ControlError`.
    public func reload() async throws -> PolicyReply { try await ask("POST", "reload") }

    /// Begins to try the policy in a file or folder, which the gateway reads.
    ///
    /// - Throws: `ControlError`.
    public func tryOut(_ path: String) async throws -> PolicyReply {
        try await ask("POST", "candidate", path: URL(fileURLWithPath: path).path)
    }

    /// Ends the trial.
    ///
    /// - Throws: `ControlError`.
    public func endTrial() async throws -> PolicyReply { try await ask("DELETE", "candidate") }

    /// Puts the tried policy's files in the place of those in force.
    ///
    /// - Throws: `ControlError`.
    public func promote() async throws -> PolicyReply { try await ask("POST", "promote") }

    /// Puts the files of an earlier policy back.
    ///
    /// - Parameter revision: which; nil for the one that was in force before.
    /// - Throws: `ControlError`.
    public func rollBack(to revision: String?) async throws -> PolicyReply {
        try await ask("POST", "rollback", revision: revision)
    }

    private func ask(_ method: String, _ name: String, path: String? = nil, revision: String? = nil) async throws
        -> PolicyReply
    {
        let order = PolicyControlRoutes.Order(path: path, revision: revision, actor: NSUserName())
        let body = method == "GET" ? [] : Array(try JSONEncoder().encode(order))
        let request = ControlRequest(method: method, path: "/policy/\(name)", body: body)
        let response = try await client.send(request)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let reply = try? decoder.decode(PolicyReply.self, from: Data(response.body)) else {
            throw ControlError.unreadableAnswer(path: client.path)
        }
        return reply
    }
}
