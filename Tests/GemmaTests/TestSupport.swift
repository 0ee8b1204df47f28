import Foundation
import Gemma
import Testing

extension Tag {
    /// Tests that need real weights.
    @Tag static var engine: Self
}

/// Files that tests read.
enum Fixtures {
    /// The `fixtures` folder of the repository.
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("fixtures")

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    static func decode<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent(name)))
    }

    /// One value a line.
    static func decodeLines<T: Decodable>(_ type: T.Type, _ name: String) throws -> [T] {
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
    }

    static func tinyModel(_ name: String, adapter: String? = nil) throws -> GemmaModel {
        try GemmaModel.load(
            path: path("gemma/\(name).gguf"),
            adapterPath: adapter.map { path("gemma/\($0).gguf") },
            precision: .float32,
            threads: 2
        )
    }

    static let adapterPath = path("models/shield-270m/shield-270m-lora.gguf")

    /// The real model's file, where it was downloaded.
    static let realModelPath: String? = {
        let environment = ProcessInfo.processInfo.environment
        let named = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let cache = named ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.cache"
        let path = environment["GATEHOUSE_TEST_MODEL"] ?? cache + "/gatehouse/models/gemma-3-270m-q4_k_m.gguf"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()
}

/// The largest difference of two equally long lists; infinite if one holds a NaN, or their lengths differ.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { worst, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference)
    }
}

/// Token ids that are the same on every run.
func sampleTokens(_ count: Int, seed: UInt64 = 1, vocabulary: Int = 320) -> [TokenID] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return TokenID(4 + Int(state >> 33) % (vocabulary - 4))
    }
}
