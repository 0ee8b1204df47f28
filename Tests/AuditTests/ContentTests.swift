import Audit
import Foundation
import Moderation
import Testing

@Suite("what is kept of a text")
struct ContentTests {
    private let content = AuditRecord.Content(
        role: .user,
        kind: .text,
        pointer: "/messages/0/content",
        text: "a strawberry and a marzipan"
    )

    @Test("is what the operator chose", arguments: ContentMode.allCases)
    func modes(mode: ContentMode) {
        let kept = Fixture.keeper(mode).keep(content)
        #expect(kept.bytes == 27)
        #expect(kept.pointer == content.pointer)
        #expect(kept.note == nil)
        switch mode {
        case .none:
            #expect(kept.digest == nil)
            #expect(kept.text == nil)
        case .digest:
            #expect(kept.text == nil)
        case .redacted:
            #expect(kept.text == "a [FRUIT] and a marzipan")
            #expect(kept.masked == ["fruit"])
        case .full:
            #expect(kept.text == content.text)
            #expect(kept.masked.isEmpty)
        }
        if mode != .none {
            // printf '%s' 'a strawberry and a marzipan' | sha256sum
            #expect(kept.digest == "f853752dc557b2f1e8b552fd087cd06f7d7a0d8300dad8bb00bd0074eeface5e")
        }
    }

    @Test("is only the digest when masking fails, and the record says so")
    func failedMasking() {
        let kept = ContentKeeper(mode: .redacted, redactor: BrokenMasker()).keep(content)
        #expect(kept.text == nil)
        #expect(kept.digest?.count == 64)
        #expect(kept.note == ContentKeeper.redactionFailed)
    }

    @Test("is all that the files hold", arguments: ContentMode.allCases)
    func rawBytes(mode: ContentMode) async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper(mode))
        try await store.record(Fixture.record(text: content.text))
        // The log and the file, before and after the log is folded in.
        try expect(mode, in: folder)
        try store.close()
        try expect(mode, in: folder)
    }

    private func expect(_ mode: ContentMode, in folder: TemporaryFolder) throws {
        var bytes = Data()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            bytes += try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
        }
        #expect(bytes.count > 1000)
        let holdsMasked = bytes.range(of: Data("strawberry".utf8)) != nil
        let holdsRest = bytes.range(of: Data("marzipan".utf8)) != nil
        #expect(holdsMasked == (mode == .full))
        #expect(holdsRest == (mode == .full || mode == .redacted))
    }
}
