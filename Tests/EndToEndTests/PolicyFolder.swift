import Foundation
import FoundationNetworking
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A folder of policies that a test edits while a gateway reads it.
final class PolicyFolder: Sendable {
    let path: String

    /// - Parameter files: text by name.
    init(_ files: [String: String]) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "policies-\(UUID().uuidString)/live").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files { try write(name, text) }
    }

    deinit { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }

    /// Path of a neighbour that goes with this folder.
    func sibling(_ name: String, _ files: [String: String]) throws -> String {
        let folder = (path as NSString).deletingLastPathComponent + "/" + name
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name)) }
        return folder
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    func read(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }

    /// A policy that asks no model: one rule, which acts on one word.
    static func words(_ word: String, action: String = "block", name: String = "shop") -> String {
        "version: 1\npolicy: \(name)\nrules:\n  - id: words\n    terms: [\(word)]\n    action: \(action)\n"
    }
}

extension GatehouseProcess {
    /// What the gateway does with a prompt: judged by its own rules, no chatbot needed.
    func outcome(of text: String) async throws -> String {
        var request = URLRequest(url: base.appending(path: "v1/moderations"))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "content-type")
        request.httpBody = try JSONSerialization.data(withJSONObject: ["input": text])
        let (_, response) = try await URLSession.shared.data(for: request)
        return try #require((response as? HTTPURLResponse)?.value(forHTTPHeaderField: "x-gatehouse-outcome"))
    }

    /// A text that the gateway serves, such as its health.
    func text(at path: String) async throws -> String {
        let (data, _) = try await URLSession.shared.data(from: base.appending(path: path))
        return String(decoding: data, as: UTF8.self)
    }

    /// Runs `gatehouse policy …` against this gateway.
    func policy(_ arguments: String...) async throws -> CommandResult {
        try await command(Checkout.binary, ["policy"] + arguments + ["--audit-file", auditFile])
    }

    /// Waits until something holds, for ten seconds at most.
    func wait(until condition: () async throws -> Bool) async throws {
        for _ in 0..<100 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try await condition())
    }
}
