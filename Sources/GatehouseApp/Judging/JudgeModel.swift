import Foundation
public import Gemma
import Moderation
public import Shield

/// A loaded model, ready to judge.
public struct JudgeModel: Sendable {
    /// Runs the model.
    public let engine: Engine
    /// Asks it.
    public let classifier: ShieldClassifier
    /// Path of the model file.
    public let path: String
    /// Path of the adapter; nil without one.
    public let adapterPath: String?

    /// The adapter that ships with the program.
    static let shippedAdapter = "fixtures/models/shield-270m/shield-270m-lora.gguf"

    /// Loads the model that the settings name, or the default one from the cache with the shipped adapter.
    ///
    /// - Parameters:
    ///   - truncatedTokens: for measuring: read only the first so many tokens of each text.
    ///   - precision: for measuring: how the weights are kept.
    /// - Throws: ``ModelError``, `GemmaError` or `ShieldError`.
    public static func load(
        _ settings: Settings,
        truncatedTokens: Int? = nil,
        precision: WeightPrecision = .integer
    ) async throws -> JudgeModel {
        let path = settings.model ?? ModelCache().path(of: .gemma3)
        guard FileManager.default.fileExists(atPath: path) else { throw ModelError.notFetched(path: path) }
        // Read once, while the weights are unpacked where the adapter doesn't hang on it.
        let modelDigest = Task { try FileDigest.sha256(path: path) }
        let adapterPath = try await adapterPath(settings, modelDigest: modelDigest)
        let model = try GemmaModel.load(
            path: path,
            adapterPath: adapterPath,
            precision: precision,
            threads: settings.threads
        )
        let template = try template(settings, adapter: model.adapterMetadata)
        let engine = Engine(model: model, queueLimit: settings.queueLimit)
        var shield = ShieldClassifier.Settings()
        shield.maxTextTokens = settings.maxTextTokens
        shield.truncatedTokens = truncatedTokens
        let classifier = try ShieldClassifier(
            engine: engine,
            template: template,
            identity: ClassifierIdentity(
                model: URL(fileURLWithPath: path).lastPathComponent,
                modelDigest: try await modelDigest.value,
                adapterDigest: try adapterPath.map { path in try FileDigest.sha256(path: path) },
                template: template.name
            ),
            settings: shield
        )
        return JudgeModel(engine: engine, classifier: classifier, path: path, adapterPath: adapterPath)
    }

    /// A digest of everything in the settings and files that decides scores, without loading the model.
    ///
    /// - Throws: ``ModelError`` when a file is not there or can't be read.
    static func fingerprint(_ settings: Settings) async throws -> String {
        let path = settings.model ?? ModelCache().path(of: .gemma3)
        guard FileManager.default.fileExists(atPath: path) else { throw ModelError.notFetched(path: path) }
        let modelDigest = Task { try FileDigest.sha256(path: path) }
        let adapterPath = try await adapterPath(settings, modelDigest: modelDigest)
        let parts = [
            try await modelDigest.value, try adapterPath.map { path in try FileDigest.sha256(path: path) },
            settings.template, String(settings.maxTextTokens),
        ]
        return parts.map { $0 ?? "" }.joined(separator: " ")
    }

    private static func adapterPath(
        _ settings: Settings,
        modelDigest: Task<String, any Error>
    ) async throws -> String? {
        if let named = settings.adapter { return named.isEmpty ? nil : named }
        if settings.model != nil, try await modelDigest.value != CatalogModel.gemma3.sha256 { return nil }
        guard let path = ProjectFiles.locate(shippedAdapter) else {
            throw ModelError.adapterMissing(tried: ProjectFiles.candidates(shippedAdapter))
        }
        return path
    }

    private static func template(_ settings: Settings, adapter: GGUFMetadata?) throws -> PromptTemplate {
        let name = try settings.template ?? adapter?.string("gatehouse.template") ?? PromptTemplate.shieldGemma.name
        guard let template = PromptTemplate.named(name) else { throw ShieldError.unknownTemplate(name: name) }
        return template
    }
}
