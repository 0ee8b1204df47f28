import Detectors
import Moderation
import Testing

@Suite("Masking kept content")
struct DetectionRedactorTests {
    @Test("personal data and secrets are masked, and their labels told once")
    func masking() throws {
        let text = "jane@example.com, joe@example.com, AKIAIOSFODNN7EXAMPLE, 10.0.0.1"
        let (masked, labels) = try DetectionRedactor().redact(text)
        #expect(masked == "[EMAIL], [EMAIL], [AWS_ACCESS_KEY], [IP_ADDRESS]")
        #expect(labels == ["email", "aws_access_key", "ip_address"])
    }

    @Test("harmless text stays as it is")
    func harmless() throws {
        let (text, labels) = try DetectionRedactor().redact("How do I kill a Python process? 👩‍👩‍👧")
        #expect(text == "How do I kill a Python process? 👩‍👩‍👧")
        #expect(labels.isEmpty)
    }

    @Test("masked text has nothing left to mask")
    func idempotence() throws {
        let all = PIIKind.allCases.flatMap { Examples.personalData[$0] ?? [] }
        let (masked, _) = try DetectionRedactor().redact(all.joined(separator: "\n"))
        #expect(try DetectionRedactor().redact(masked).text == masked)
    }

    @Test("the builder has a detector for everything but principles")
    func builder() throws {
        let builder = BuiltInDetectors()
        #expect(try builder.detector(for: .principle(Principle(text: "x", thresholds: Thresholds(block: 1)))) == nil)
        #expect(try builder.detector(for: .terms(["x"])) is TermDetector)
        #expect(try builder.detector(for: .patterns(["x"])) is PatternDetector)
        #expect(try builder.detector(for: .pii([.email])) is PIIDetector)
        #expect(try builder.detector(for: .secrets([.jwt])) is SecretDetector)
    }

    @Test("what is held back covers every example up to where it is recognised")
    func holdBack() throws {
        for kind in PIIKind.allCases {
            try checkHoldBack(PIIDetector([kind]), .pii([kind]), samples: Examples.personalData[kind] ?? [])
        }
        for kind in SecretKind.allCases {
            try checkHoldBack(SecretDetector([kind]), .secrets([kind]), samples: Examples.secrets[kind] ?? [])
        }
        #expect(BuiltInDetectors.holdBackBytes(for: .patterns(["x"])) == nil)
        #expect(BuiltInDetectors.holdBackBytes(for: .terms(["ab c"])) == 108)
    }

    private func checkHoldBack(_ detector: some Detector, _ detection: Detection, samples: [String]) throws {
        let bytes = try #require(BuiltInDetectors.holdBackBytes(for: detection))
        for sample in samples {
            let start = try #require(try detector.matches(in: sample).first).range.lowerBound
            var prefix = ""
            for character in sample.unicodeScalars {
                prefix.unicodeScalars.append(character)
                if try !detector.matches(in: prefix).isEmpty { break }
            }
            #expect(prefix.utf8.count - start <= bytes)
        }
    }
}
