import Foundation
import Gemma
import Moderation
import Shield
import Testing

/// The shipped adapter on the real base model.
///
/// The model file is looked for where `gatehouse model pull` puts it.
enum RealModel {
    static let path: String = {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["GATEHOUSE_TEST_MODEL"] { return path }
        let named = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let cache = named ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.cache"
        return cache + "/gatehouse/models/gemma-3-270m-q4_k_m.gguf"
    }()

    static let isThere = FileManager.default.fileExists(atPath: path)

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "fixtures/models/shield-270m")

    private static let adapter = folder.appending(path: "shield-270m-lora.gguf").path

    /// As it is used.
    static let engine: Engine? = {
        guard isThere else { return nil }
        let model = try? GemmaModel.load(path: path, adapterPath: adapter, threads: 2)
        return model.map { Engine(model: $0) }
    }()

    /// With activations that are not rounded: one text computed in two ways gives one score.
    static let exact: Engine? = {
        guard isThere else { return nil }
        let model = try? GemmaModel.load(path: path, adapterPath: adapter, precision: .float16, threads: 2)
        return model.map { Engine(model: $0) }
    }()

    static func classifier(
        _ settings: ShieldClassifier.Settings = .init(),
        on engine: Engine? = RealModel.engine
    ) throws -> ShieldClassifier {
        let identity = ClassifierIdentity(model: "m", modelDigest: "d", adapterDigest: nil, template: "shield-1")
        return try ShieldClassifier(
            engine: try #require(engine),
            template: .shield1,
            identity: identity,
            settings: settings
        )
    }
}
