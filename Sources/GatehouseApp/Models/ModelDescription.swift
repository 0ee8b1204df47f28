import Foundation
import Gemma
import Kernels

/// Tells people and programs what a GGUF file holds.
public struct ModelDescription: Sendable {
    private struct Output: Encodable {
        var file: String
        var sha256: String
        var kind: String
        var architecture: String
        var name: String?
        var bytes: Int
        var parameters: Int
        var quantisation: [String: Int]
        var contextLength: Int?
        var vocabularySize: Int?
        var layers: Int?
        var hiddenSize: Int?
        var adapterRank: Int?
        var adapterAlpha: Float?
        var template: String?
        var isSupported: Bool
        /// The kernels that this machine, or `GATEHOUSE_KERNELS`, chooses.
        var kernels: String
    }

    private let output: Output

    /// Reads the header of a file, and the whole file for its digest.
    ///
    /// - Throws: `GemmaError` for a file that is not a sound GGUF, ``ModelError`` for one that can't be read.
    public init(path: String) throws {
        let info = try ModelInfo(path: path)
        output = Output(
            file: path,
            sha256: try FileDigest.sha256(path: path),
            kind: info.kind.rawValue,
            architecture: info.architecture,
            name: info.name,
            bytes: info.fileBytes,
            parameters: info.parameters,
            quantisation: Dictionary(uniqueKeysWithValues: info.types.map { ($0.type, $0.tensors) }),
            contextLength: info.contextLength,
            vocabularySize: info.vocabularySize,
            layers: info.layerCount,
            hiddenSize: info.hiddenSize,
            adapterRank: info.adapterRank,
            adapterAlpha: info.adapterAlpha,
            template: info.template,
            isSupported: info.isSupported,
            kernels: Kernels.active.name
        )
    }

    /// The description, for people or as JSON.
    public func render(asJSON: Bool) throws -> String {
        asJSON ? try JSONOutput.string(output) : text
    }

    private var text: String {
        let types = output.quantisation.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let rows: [(String, String?)] = [
            ("file", output.file),
            ("kind", output.kind + (output.isSupported ? "" : " (not supported)")),
            ("architecture", output.architecture),
            ("name", output.name),
            ("size", String(format: "%.1f MB", Double(output.bytes) / 1e6)),
            ("parameters", String(format: "%.1f million", Double(output.parameters) / 1e6)),
            ("tensors", types.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")),
            ("layers", output.layers.map(String.init)),
            ("hidden size", output.hiddenSize.map(String.init)),
            ("context", output.contextLength.map { "\($0) tokens" }),
            ("vocabulary", output.vocabularySize.map { "\($0) tokens" }),
            ("rank", output.adapterRank.map(String.init)),
            ("alpha", output.adapterAlpha.map { "\($0)" }),
            ("template", output.template),
            ("sha256", output.sha256),
            ("kernels", "\(output.kernels) on this machine"),
        ]
        return rows.compactMap { name, value in
            value.map { name.padding(toLength: 14, withPad: " ", startingAt: 0) + $0 }
        }.map { $0 + "\n" }.joined()
    }
}

/// Lists the models in the cache.
public struct ModelListing: Sendable {
    private let cache: ModelCache

    /// Lists what `cache` holds.
    public init(cache: ModelCache = ModelCache()) {
        self.cache = cache
    }

    /// One line a model, or a JSON array.
    public func render(asJSON: Bool) throws -> String {
        struct Row: Encodable {
            var file: String
            var bytes: Int
            var architecture: String?
            var problem: String?
        }
        let rows = cache.files().map { path in
            let bytes = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
            do {
                return Row(file: path, bytes: bytes, architecture: try ModelInfo(path: path).architecture)
            } catch {
                return Row(file: path, bytes: bytes, problem: "\(error)")
            }
        }
        if asJSON { return try JSONOutput.string(rows) }
        if rows.isEmpty { return "no models in \(cache.folder); `gatehouse model pull` fetches one\n" }
        return rows.map { row in
            let size = String(format: "%8.1f MB", Double(row.bytes) / 1e6)
            return "\(size)  \(row.problem ?? row.architecture ?? "?")  \(row.file)\n"
        }.joined()
    }
}
