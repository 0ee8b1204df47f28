import Foundation
import GatehouseApp
import Gemma
import Kernels
import Moderation
import Shield

/// Everything that is measured, loaded once as the gateway loads it: policy, detectors, model, adapter, queue, caches.
struct Setup: Sendable {
    let moderator: Moderator
    let engine: Engine
    let classifier: ShieldClassifier
    let template: PromptTemplate
    let screen: Screen
    /// The principles of the default policy, that of the screening question first; eight.
    let principles: [String]
    /// What is measured, in a word: quantisation, and kernels where they were chosen by hand.
    let variant: String

    init(_ options: ModelOptions, variant: String?) async throws {
        let judge = try await Judge.load(options.settings)
        guard let model = judge.model, let screen = judge.moderator.policy.screen,
            let template = PromptTemplate.named(model.classifier.identity.template)
        else { throw BenchError.noModel(policy: judge.moderator.policy.name) }
        moderator = judge.moderator
        engine = model.engine
        classifier = model.classifier
        self.template = template
        self.screen = screen
        principles =
            [screen.principle]
            + judge.moderator.policy.rules.compactMap { rule in
                if case .principle(let principle) = rule.detection { principle.text } else { nil }
            }
        guard principles.count >= 8 else { throw BenchError.fewPrinciples(found: principles.count, expected: 8) }
        self.variant = variant ?? Self.variant(ofFile: model.path)
    }

    /// `gemma-3-270m-q4_k_m.gguf` is `Q4_K_M`, and with `GATEHOUSE_KERNELS=avx2` it is `Q4_K_M avx2`.
    private static func variant(ofFile path: String) -> String {
        let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        let quantisation = name.split(separator: "-").last.map { $0.uppercased() } ?? name
        let isBest = Kernels.active == Kernels.available.last
        return isBest ? quantisation : quantisation + " " + Kernels.active.name
    }

    /// What is measured: for the record.
    var about: (version: String, build: String) { Self.about(engine.model) }

    static func about(_ model: GemmaModel) -> (version: String, build: String) {
        (
            "weights as \(model.precision.rawValue)s, \(model.weightBytes >> 20) MiB",
            "\(Kernels.active.name) kernels, \(ProcessInfo.processInfo.activeProcessorCount) threads"
        )
    }

    var summary: String {
        "gatehouse \(variant): \(classifier.identity.model), \(about.version), \(about.build)"
    }

    /// Harmless texts, other ones for each seed.
    func texts(seed: UInt64) -> NeutralTexts { NeutralTexts(engine.model.tokenizer, seed: seed) }

    /// The answer tokens of the template.
    func answers() throws -> (yes: TokenID, no: TokenID) { try Self.answers(of: template, engine.model.tokenizer) }

    static func answers(
        of template: PromptTemplate,
        _ tokenizer: Tokenizer
    ) throws(BenchError) -> (yes: TokenID, no: TokenID) {
        guard let yes = tokenizer.id(of: template.yes), let no = tokenizer.id(of: template.no) else {
            throw .missingToken(name: template.yes)
        }
        return (yes, no)
    }
}

/// Why something could not be measured.
enum BenchError: Error, CustomStringConvertible {
    /// The policy asks no model, or has no screening question.
    case noModel(policy: String)
    /// The policy has too few principles to ask eight.
    case fewPrinciples(found: Int, expected: Int)
    /// The vocabulary lacks a token of the layout.
    case missingToken(name: String)
    /// A text that should have been judged was not.
    case notJudged(reason: String)
    /// The process that was started to be timed did not answer.
    case noReply(status: Int32)

    var description: String {
        switch self {
        case .noModel(let policy): "policy '\(policy)' has no screening question or asks no model; use policies/default"
        case .fewPrinciples(let found, let expected):
            "the policy has \(found) principles with the screen's; expected at least \(expected)"
        case .missingToken(let name): "the model's vocabulary lacks '\(name)'; use a Gemma model"
        case .notJudged(let reason): "a text was not judged: \(reason)"
        case .noReply(let status): "the timed process ended without an answer (status \(status))"
        }
    }
}
