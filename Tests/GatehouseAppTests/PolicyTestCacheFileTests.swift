import Foundation
import GatehouseApp
import PolicyFiles
import Testing

@Suite("Kept answers to policy tests")
struct PolicyTestCacheFileTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "policy-tests-\(UUID().uuidString)")
        .path

    private func answer(_ score: Double) throws -> PolicyTestAnswer {
        let json = #"{ "outcome": "block", "deciders": ["a"], "scores": { "a": \#(score) } }"#
        return try JSONDecoder().decode(PolicyTestAnswer.self, from: Data(json.utf8))
    }

    @Test("an answer is there again for the same judge and digest, and for no other")
    func kept() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cache = PolicyTestCacheFile(judge: "j", folder: folder)
        #expect(cache.answer(for: "d") == nil)
        cache.keep(try answer(0.5), for: "d")
        #expect(cache.answer(for: "d") == (try answer(0.5)))
        #expect(PolicyTestCacheFile(judge: "j", folder: folder).answer(for: "d") == nil)
        try cache.save()
        #expect(PolicyTestCacheFile(judge: "j", folder: folder).answer(for: "d") == (try answer(0.5)))
        #expect(PolicyTestCacheFile(judge: "j", folder: folder).answer(for: "e") == nil)
        #expect(PolicyTestCacheFile(judge: "k", folder: folder).answer(for: "d") == nil)
    }

    @Test("nothing new writes nothing")
    func unchanged() throws {
        let cache = PolicyTestCacheFile(judge: "j", folder: folder)
        try cache.save()
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test("a damaged file has no answers and is written anew")
    func damaged() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("{ not json".utf8).write(to: URL(fileURLWithPath: folder + "/j.json"))
        let cache = PolicyTestCacheFile(judge: "j", folder: folder)
        #expect(cache.answer(for: "d") == nil)
        cache.keep(try answer(1), for: "d")
        try cache.save()
        #expect(PolicyTestCacheFile(judge: "j", folder: folder).answer(for: "d") != nil)
    }

    @Test("the files of judges that were not used for long are removed")
    func pruned() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for index in 0..<12 {
            let cache = PolicyTestCacheFile(judge: "j\(index)", folder: folder)
            cache.keep(try answer(1), for: "d")
            try cache.save()
            let date = Date(timeIntervalSinceNow: Double(index) * 60 - 7200)
            try FileManager.default.setAttributes(
                [.modificationDate: date],
                ofItemAtPath: folder + "/j\(index).json"
            )
        }
        let last = PolicyTestCacheFile(judge: "last", folder: folder)
        last.keep(try answer(1), for: "d")
        try last.save()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 8)
        #expect(names.contains("last.json") && names.contains("j11.json") && !names.contains("j0.json"))
    }
}
