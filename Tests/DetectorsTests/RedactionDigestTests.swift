import Crypto
import Detectors
import Moderation
import Testing

@Suite("Digests of redacted words")
struct RedactionDigestTests {
    private let digest = RedactionDigest(key: SymmetricKey(data: Array("Jefe".utf8)))

    @Test("the digest is that of RFC 4231, cut to eight digits")
    func knownAnswer() {
        #expect(digest("what do ya want for nothing?") == "5bdcc146")
    }

    @Test("the same words have the same digest, other words or another key another one")
    func differences() {
        let other = RedactionDigest(key: SymmetricKey(data: Array("Jeff".utf8)))
        #expect(digest("jane@example.com") == digest("jane@example.com"))
        #expect(digest("jane@example.com") != digest("joan@example.com"))
        #expect(digest("jane@example.com") != other("jane@example.com"))
    }

    @Test("a rule that redacts as hash puts it behind the kind")
    func redaction() async throws {
        var rule = Rule(id: "r", detection: .pii([.email]), action: .redact)
        rule.redactAs = .hash
        let digest = RedactionDigest(key: SymmetricKey(size: .bits256))
        let moderator = try Moderator(
            policy: PolicySet(name: "p", revision: "1", rules: [rule]),
            detectors: BuiltInDetectors(),
            classifier: nil,
            digest: { digest($0) }
        )
        let text = "to jane@example.com"
        let turn = Turn(role: .user, parts: [Part(kind: .text, text: text, pointer: "/0")])
        let judgement = try await moderator.judge(Subject(direction: .prompt, turns: [turn]))
        #expect(text.replacing(judgement.redactions[0].matches) == "to [EMAIL_\(digest("jane@example.com"))]")
    }
}
