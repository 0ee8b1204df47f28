import Audit
import Crypto
import Foundation
import GRDB
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

    @Test("has a digest that can't be made without the key, where there is one")
    func keyedDigest() throws {
        func digest(_ key: AuditDigestKey?) -> String? {
            ContentKeeper(mode: .digest, redactor: WordMasker(), key: key).keep(content).digest
        }
        // printf '%s' 'a strawberry and a marzipan' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '0b%.0s' {1..32})
        let key = AuditDigestKey(SymmetricKey(data: Data(repeating: 0x0B, count: 32)))
        let code = "509dfdf4d046dbce37948ddbc2f19ea967c072ec7f6eea0f30e4491dd86ef36c"
        #expect(digest(key) == "hmac-sha256:\(key.id):\(code)")
        #expect(key.id.count == 8)
        let other = AuditDigestKey(SymmetricKey(size: .bits256))
        #expect(other.id != key.id)
        #expect(digest(other)?.suffix(64) != digest(key)?.suffix(64))
    }

    @Test("has a digest key from a file of the owner's or from the environment")
    func digestKeys() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("key")
        func write(_ text: String, mode: Int) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        let text = Data(repeating: 0x0B, count: 32).base64EncodedString() + "\n"
        let key = AuditDigestKey(SymmetricKey(data: Data(repeating: 0x0B, count: 32)))
        try write(text, mode: 0o600)
        #expect(try AuditDigestKey(setting: path, environment: [:]).id == key.id)
        #expect(try AuditDigestKey(setting: "env:KEY", environment: ["KEY": text]).id == key.id)
        #expect(throws: AuditError.unusableKey(path: "env:KEY", reason: "the variable is not set")) {
            try AuditDigestKey(setting: "env:KEY", environment: ["OTHER": text])
        }
        try write(text, mode: 0o644)
        #expect { try AuditDigestKey(setting: path, environment: [:]) } throws: { "\($0)".contains("chmod 600") }
        for bad in ["", "short", Data(repeating: 1, count: 31).base64EncodedString()] {
            #expect { try AuditDigestKey(setting: "env:KEY", environment: ["KEY": bad]) } throws: { error in
                // Nothing of the key is in the message.
                "\(error)".contains("openssl rand") && (bad.isEmpty || !"\(error)".contains(bad))
            }
        }
    }

    @Test("has another digest in the chain each time, so that an erased text can't be guessed")
    func saltedTexts() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper(.full))
        for offset in 0..<3 { try await store.record(Fixture.record(at: Double(offset))) }
        let digests = try await store.pool.read { db in
            try String.fetchAll(db, sql: "SELECT text_digest FROM content UNION SELECT salt FROM content")
        }
        #expect(Set(digests).count == 6)
        #expect(Set(try await store.list().entries.map { $0.content.first?.digest }).count == 1)
        #expect(try await store.verify().fault == nil)
        try await store.pool.write { db in try db.execute(sql: "UPDATE content SET salt = 'x' WHERE record = 2") }
        #expect(try await store.verify().fault?.sequence == 2)
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
