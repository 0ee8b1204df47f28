import Foundation
public import PolicyFiles
import Synchronization

/// Answers of one judge to the tests of policies, kept in a file of the cache folder.
///
/// The file holds digests, outcomes, rule ids and scores; no text.
public final class PolicyTestCacheFile: PolicyTestCache {
    /// Most answers that are kept; the whole file is read at once.
    private static let mostAnswers = 50_000
    /// Most files that are kept: one for each program and model that was used.
    private static let mostFiles = 8

    private struct State {
        var answers: [String: PolicyTestAnswer]
        var hasChanged = false
    }

    private let url: URL
    private let state: Mutex<State>

    /// The folder: `gatehouse/policy-tests` in `XDG_CACHE_HOME`, or in `.cache` of the home folder.
    public static var defaultFolder: String {
        CacheFolder.path(environment: ProcessInfo.processInfo.environment) + "/policy-tests"
    }

    /// Opens the answers of a judge; a file that can't be read has none.
    ///
    /// - Parameters:
    ///   - judge: a digest of everything that a score depends on besides rule and text: program, model, adapter, template.
    ///   - folder: where the files are.
    public init(judge: String, folder: String = PolicyTestCacheFile.defaultFolder) {
        url = URL(fileURLWithPath: folder).appending(path: judge + ".json")
        let data = (try? Data(contentsOf: url)) ?? Data()
        let answers = (try? JSONDecoder().decode([String: PolicyTestAnswer].self, from: data)) ?? [:]
        state = Mutex(State(answers: answers.count <= Self.mostAnswers ? answers : [:]))
    }

    /// The answer that was kept under a digest; nil when there is none.
    public func answer(for digest: String) -> PolicyTestAnswer? { state.withLock { $0.answers[digest] } }

    /// Keeps an answer until ``save()``.
    public func keep(_ answer: PolicyTestAnswer, for digest: String) {
        state.withLock { state in
            state.answers[digest] = answer
            state.hasChanged = true
        }
    }

    /// Writes what is new; another process that writes at the same time may win.
    ///
    /// - Throws: an error of the file system.
    public func save() throws {
        let answers = state.withLock { $0.hasChanged ? $0.answers : nil }
        guard let answers else { return }
        let folder = url.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try JSONEncoder().encode(answers).write(to: url, options: .atomic)
        prune(folder)
    }

    /// Removes the files of programs and models that were not used for longest.
    private func prune(_ folder: URL) {
        let keys: [URLResourceKey] = [.contentModificationDateKey]
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: keys)) ?? []
        let dated = files.filter { $0.pathExtension == "json" }.map { file in
            (file, (try? file.resourceValues(forKeys: Set(keys)).contentModificationDate) ?? .distantPast)
        }
        for (file, _) in dated.sorted(by: { $0.1 > $1.1 }).dropFirst(Self.mostFiles) {
            try? FileManager.default.removeItem(at: file)
        }
    }
}
