import Foundation
import Moderation
import PolicyFiles

/// A policy ready to judge, and the files that it was read from.
struct CompiledPolicy: Sendable {
    /// Judges by it.
    var moderator: Moderator
    /// File or folder, as it was given.
    var path: String
    /// Every file that was read.
    var sources: [PolicySource]
    /// Warnings.
    var diagnostics: [PolicyDiagnostic]
    /// When it was read.
    var time: Date

    var policy: PolicySet { moderator.policy }

    /// What the history keeps of it.
    var kept: KeptPolicy {
        let base = PolicyBase(path: path)
        return KeptPolicy(policy: policy, files: base.relative(sources), firstSeen: time)
    }

    /// Reads a file or folder and makes it ready to judge; the model is loaded if a rule needs it.
    ///
    /// - Throws: `PolicyFileError` with every problem, ``ModelError``, `GemmaError` or `ShieldError`.
    @concurrent
    static func load(_ path: String, models: ModelOnDemand) async throws -> CompiledPolicy {
        let report = Judge.report(policyPath: path)
        guard let policy = report.policy else { throw PolicyFileError(diagnostics: report.diagnostics) }
        let classifier = policy.needsModel ? try await models.model().classifier : nil
        return CompiledPolicy(
            moderator: try Judge.moderator(for: policy, classifier: classifier),
            path: path,
            sources: report.sources,
            diagnostics: report.diagnostics,
            time: Date()
        )
    }
}

/// Where a policy stands: its folder, or the folder of its only file.
struct PolicyBase: Sendable, Hashable {
    /// The folder, absolute, without links.
    let folder: String
    /// The name of the only file; nil for a folder.
    let file: String?

    init(path: String) {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        let url = URL(fileURLWithPath: path).standardizedFileURL
        let isFile = !(exists && isFolder.boolValue)
        file = isFile ? url.lastPathComponent : nil
        let place = isFile ? url.deletingLastPathComponent() : url
        folder = place.resolvingSymlinksInPath().standardizedFileURL.path
    }

    /// File or folder, absolute, without links.
    var path: String { file.map { folder + "/" + $0 } ?? folder }

    /// The sources with paths from the base on, its own files first.
    func relative(_ sources: [PolicySource]) -> [PolicySource] {
        let sources = sources.map { PolicySource(path: relative($0.path), text: $0.text) }
        return sources.filter { isOwn($0.path) } + sources.filter { !isOwn($0.path) }
    }

    /// Whether a path from the base on is that of a file of the policy itself: the file, or any in the folder.
    func isOwn(_ path: String) -> Bool { file.map { path == $0 } ?? !path.hasPrefix("../") }

    private func relative(_ path: String) -> String {
        // A link to a file has the place of the link: it is what the policy's author sees.
        let url = URL(fileURLWithPath: path).standardizedFileURL
        let parent = url.deletingLastPathComponent().resolvingSymlinksInPath().standardizedFileURL
        let target = parent.pathComponents + [url.lastPathComponent]
        let start = URL(fileURLWithPath: folder).pathComponents
        let common = zip(target, start).prefix { $0 == $1 }.count
        let up = [String](repeating: "..", count: start.count - common)
        return (up + target[common...]).joined(separator: "/")
    }
}
