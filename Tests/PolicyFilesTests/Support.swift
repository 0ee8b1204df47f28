import Detectors
import Foundation
import Moderation
import PolicyFiles

/// Where things are in the repository.
enum Places {
    static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let fixtures = tests.appending(path: "Fixtures")
    static let repository = tests.deletingLastPathComponent().deletingLastPathComponent()
    static let policies = repository.appending(path: "policies")
}

/// A folder that is removed at the end of the scope that holds it.
final class TemporaryFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "policies-\(UUID().uuidString)")
    var path: String { url.path }

    init(_ files: [String: String] = [:]) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for (name, text) in files { try write(name, Data(text.utf8)) }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ data: Data) throws {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }
}

/// Gives each text the score that a table says; 0 for others.
struct TableClassifier: Classifier {
    struct Failure: Error, CustomStringConvertible {
        let description = "the model is asleep"
    }

    var scores: [String: Double] = [:]
    var fails = false
    let identity = ClassifierIdentity(model: "table", modelDigest: "0", adapterDigest: nil, template: "table-1")

    func classify(_ request: ClassificationRequest) async throws -> Classification {
        if fails { throw Failure() }
        // A screen would hide the scores that a rule's tests are about.
        let score = request.screen == nil ? scores[request.text] ?? 0 : 1
        return Classification(scores: request.questions.map { _ in score }, textTokens: request.text.utf8.count)
    }
}

let loader = PolicyLoader(detectors: BuiltInDetectors())

/// A policy with one rule, which flags the term `x`.
func policyText(rule id: String, policy: String = "policy: p\n") -> String {
    "version: 1\n\(policy)rules:\n  - { id: \(id), terms: [x], action: flag, tests: [{ text: x, expect: flag }] }\n"
}
