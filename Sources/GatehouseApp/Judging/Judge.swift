import Crypto
import Detectors
public import Moderation
public import PolicyFiles

/// Policies with their detectors and, where a rule needs one, a model.
public struct Judge: Sendable {
    /// Judges subjects by the policy.
    public let moderator: Moderator
    /// The model; nil when no rule asks one.
    public let model: JudgeModel?

    /// Reads the policy, then loads the model if a rule needs it.
    ///
    /// - Parameter asksEveryRule: whether every rule is asked, whatever the screening question says.
    /// - Throws: `PolicyFileError` with every problem of the policy, ``ModelError``, `GemmaError` or `ShieldError`.
    public static func load(_ settings: Settings, asksEveryRule: Bool = false) async throws -> Judge {
        var policy = try policy(settings)
        if asksEveryRule { policy.screen = nil }
        let model = policy.needsModel ? try await JudgeModel.load(settings) : nil
        return Judge(moderator: try moderator(for: policy, classifier: model?.classifier), model: model)
    }

    /// For rules that redact as `hash`: the same words have the same digest for as long as the process lives.
    private static let digest = RedactionDigest(key: SymmetricKey(size: .bits256))

    /// Gives the rules of a policy their detectors.
    ///
    /// - Throws: `DetectionError` when a rule's detection can't work.
    static func moderator(
        for policy: PolicySet,
        classifier: (any Classifier)?
    ) throws(DetectionError) -> Moderator {
        try Moderator(
            policy: policy,
            detectors: BuiltInDetectors(),
            classifier: classifier,
            reader: DisguiseReader(),
            digest: { digest($0) }
        )
    }

    /// The policy that the settings name.
    ///
    /// - Throws: `PolicyFileError` with every problem.
    static func policy(_ settings: Settings) throws(PolicyFileError) -> PolicySet {
        try PolicyLoader(detectors: BuiltInDetectors()).load(policyPath(settings.policies))
    }

    /// Everything there is to say about the files of a policy.
    ///
    /// - Parameters:
    ///   - path: a policy file or folder; nil for the default one.
    ///   - includesTests: whether the test files below the policy's folder are checked too.
    public static func report(policyPath path: String?, includesTests: Bool = false) -> PolicyReport {
        let loader = PolicyLoader(detectors: BuiltInDetectors())
        return includesTests ? loader.checkWithTests(policyPath(path)) : loader.check(policyPath(path))
    }

    /// The path as given; without one, the default policy that ships with the program.
    static func policyPath(_ path: String?) -> String {
        let shipped = "policies/default"
        return path ?? ProjectFiles.locate(shipped) ?? shipped
    }
}
