import Detectors
import Moderation
import Testing

@Suite("Secrets")
struct SecretDetectorTests {
    @Test("each example is found under its own name and no other", arguments: SecretKind.allCases)
    func findsExample(kind: SecretKind) throws {
        let detector = SecretDetector(SecretKind.allCases)
        for example in try #require(Examples.secrets[kind]) {
            let matches = try detector.matches(in: "use \(example)")
            #expect(matches.map(\.label) == [kind.rawValue], "\(example.prefix(12))")
            let end = example.last.map { "\"';".contains($0) } == true ? 1 : 0
            #expect(matches.last?.range.upperBound == 4 + example.utf8.count - end, "\(example.prefix(12))")
        }
    }

    static let nearMisses: [(SecretKind, String)] = [
        (.privateKey, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
        (.privateKey, "-----BEGIN CERTIFICATE-----"), (.privateKey, "BEGIN PRIVATE KEY"),
        (.awsAccessKey, "AKIAIOSFODNN7EXAMPL"), (.awsAccessKey, "AKIAIOSFODNN7EXAMPLE1"),
        (.awsAccessKey, "AKIAiosfodnn7example"), (.awsAccessKey, "aws_secret_access_key = $SECRET"),
        (.githubToken, "ghp_" + Examples.letters(35)), (.githubToken, "xghp_" + Examples.letters(36)),
        (.githubToken, "github_pat_short"), (.gitlabToken, "glpat-short"), (.gitlabToken, "glpat"),
        (.slackToken, "xoxb-1234"), (.slackToken, "https://slack.com/services/T00000000"),
        (.googleAPIKey, "AIza" + Examples.letters(34)), (.googleAPIKey, "AIza" + Examples.letters(36)),
        (.openaiKey, "sk-" + Examples.letters(30)), (.openaiKey, "sk-learn-and-other-long-names-of-projects"),
        (.openaiKey, "task-proj-" + Examples.letters(40)), (.stripeKey, "pk_live_" + Examples.letters(24)),
        (.stripeKey, "sk_live_short"), (.jwt, "eyJhbGciOiJIUzI1NiJ9"), (.jwt, "eyJ.eyJ.x"),
        (.jwt, "keyJournal.eyJournal.x"), (.highEntropy, "privateKey: P384.Signing.PrivateKey"),
        (.highEntropy, "let privateKey = ASN1.ASN1OctetString"),
    ]

    @Test("a near miss is left alone", arguments: nearMisses)
    func leavesNearMiss(kind: SecretKind, text: String) throws {
        #expect(try SecretDetector([kind]).matches(in: "see \(text) there").isEmpty, "\(text.prefix(20))")
    }

    @Test("a private key is replaced from its BEGIN line to its END line")
    func privateKeyInText() throws {
        let text = "a\n-----BEGIN EC PRIVATE KEY-----\nAAAA\nBBBB\n-----END EC PRIVATE KEY-----\nb"
        #expect(text.replacing(try SecretDetector([.privateKey]).matches(in: text)) == "a\n[PRIVATE_KEY]\nb")
    }

    @Test("a private key without an END line is replaced to the end of the text")
    func privateKeyWithoutEnd() throws {
        let text = "a\n-----BEGIN EC PRIVATE KEY-----\nAAAA\nBBBB and more"
        #expect(text.replacing(try SecretDetector([.privateKey]).matches(in: text)) == "a\n[PRIVATE_KEY]")
    }

    @Test("only the value of a named secret is replaced")
    func namedSecret() throws {
        let text = "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
        let replaced = text.replacing(try SecretDetector([.awsAccessKey]).matches(in: text))
        #expect(replaced == "aws_secret_access_key=[AWS_ACCESS_KEY]\n")
    }

    @Test(
        "hostile texts of 100 kB are searched to the end",
        arguments: [
            "a", "-----BEGIN ", "eyJ", "eyJ.", "eyJaaaaaaaaaa.", "xoxb-", "aws_secret_key ", "AKIA", "sk-proj-",
        ]
    )
    func hostileTexts(unit: String) throws {
        let text = String(repeating: unit, count: 100_000 / unit.utf8.count) + " AKIAIOSFODNN7EXAMPLE"
        let matches = try SecretDetector(SecretKind.allCases).matches(in: text)
        #expect(matches.last?.range.upperBound == text.utf8.count)
    }

    @Test("many private keys without an END line are one search")
    func manyBeginLines() throws {
        let text = String(repeating: "-----BEGIN PRIVATE KEY-----\n", count: 4000)
        #expect(try SecretDetector([.privateKey]).matches(in: text).map(\.range) == [0..<text.utf8.count])
    }
}
