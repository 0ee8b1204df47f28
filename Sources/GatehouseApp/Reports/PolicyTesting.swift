import Crypto
import Detectors
import Foundation
public import Moderation
public import PolicyFiles

/// Tests a policy with the real judge, for `gatehouse policy test`.
public struct PolicyTesting: Sendable {
    /// The policy.
    public let policy: PolicySet
    /// Its tests that stand in files of their own, with what is wrong with these.
    public let files: PolicyTestFiles
    private let settings: Settings

    /// Reads the policy that the settings name, and its tests.
    ///
    /// - Parameters:
    ///   - settings: model and policy.
    ///   - files: test files besides those below the policy's folder.
    /// - Throws: `PolicyFileError` with every problem of the policy.
    public init(settings: Settings, files: [String] = []) throws(PolicyFileError) {
        self.settings = settings
        policy = try Judge.policy(settings)
        self.files = PolicyLoader(detectors: BuiltInDetectors())
            .tests(of: policy, at: Judge.policyPath(settings.policies), and: files)
    }

    /// Runs the tests; those whose rule, text, model and program are as they were are not judged again.
    ///
    /// - Parameters:
    ///   - pattern: runs only tests whose name has it.
    ///   - usesCache: whether answers are kept, and those that were kept are believed.
    /// - Throws: ``ModelError``, `GemmaError` or `ShieldError` when a test needs the model and it can't be loaded.
    public func run(matching pattern: String? = nil, usesCache: Bool = true) async throws -> PolicyTestReport {
        let cache = usesCache ? try await cache() : nil
        let settings = settings
        let runner = PolicyTestRunner(detectors: BuiltInDetectors(), reader: DisguiseReader(), cache: cache) {
            try await JudgeModel.load(settings).classifier
        }
        let report = try await runner.run(policy, tests: files.tests, matching: pattern)
        // Without the answers the next run takes longer, and is as right.
        try? cache?.save()
        return report
    }

    /// The answers of this program with the settings' model.
    private func cache() async throws -> PolicyTestCacheFile? {
        guard let program = Bundle.main.executableURL else { return nil }
        let model = policy.needsModel ? try await JudgeModel.fingerprint(settings) : ""
        let parts = "\(try FileDigest.sha256(path: program.path)) \(model)"
        let digest = SHA256.hash(data: Data(parts.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return PolicyTestCacheFile(judge: digest)
    }
}
