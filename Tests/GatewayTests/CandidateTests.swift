import Foundation
import Gateway
import MetricsTestKit
import Moderation
import Testing

/// A policy that is tried beside the one in force.
@Suite("A candidate")
struct CandidateTests {
    private static let policy = PolicySet(
        name: "next",
        revision: "def",
        rules: [Rule(id: "greetings", detection: .terms(["Hello", "morning"]), action: .block)]
    )

    private static func moderator(_ policy: PolicySet = policy, _ classifier: (any Classifier)? = nil) throws
        -> Moderator
    {
        try Moderator(policy: policy, detectors: PhraseDetectors(), classifier: classifier)
    }

    private static let answer = chatAnswer("Good morning.")

    @Test("judges prompt and answer beside the policy in force, in the same records, and changes neither")
    func whole() async throws {
        let candidate = try Self.moderator()
        try await withGateway(upstream: answering(Self.answer), candidate: candidate) { gateway in
            let message = try await gateway.chat(chatRequest("Hello"))
            #expect(message.status == 200 && message.text.contains("Good morning."))
            for record in gateway.audit.records {
                #expect(record.decision.outcome == .allow && record.decision.policyRevision == "abc")
                let other = try #require(record.decision.candidate)
                #expect(other.outcome == .block && other.cause == .content && other.policyRevision == "def")
                #expect(other.verdicts.map(\.rule) == ["greetings"])
            }
            #expect(gateway.audit.records.count == 2)
        }
    }

    @Test("judges a streamed answer once, whole")
    func streamed() async throws {
        let candidate = try Self.moderator()
        let streaming: @Sendable (Wire) async throws -> Void = { wire in
            _ = try await wire.message()
            try await wire.beginStream()
            try await wire.sendChunk(stream(of: ["Good mor", "ning to you."]))
            try await wire.send("0\r\n\r\n")
            _ = await wire.rest()
        }
        try await withGateway(upstream: streaming, candidate: candidate) { gateway in
            let message = try await gateway.chat(chatRequest("Hi", stream: true))
            #expect(message.text.contains("[DONE]"))
            let record = try #require(gateway.audit.responses.first)
            #expect(record.decision.outcome == .allow && record.decision.candidate?.outcome == .block)
        }
    }

    @Test("that can't answer, or takes too long, never touches the request")
    func failing() async throws {
        var policy = Self.policy
        policy.rules = [
            Rule(
                id: "asked",
                detection: .principle(Principle(text: "Be kind.", thresholds: Thresholds(flag: 0.5, block: 0.9)))
            )
        ]
        let classifier = WordClassifier()
        classifier.breakDown()
        let broken = try Self.moderator(policy, classifier)
        try await withGateway(upstream: answering(Self.answer), candidate: broken) { gateway in
            let response = try await gateway.chat(chatRequest("Hello"))
            #expect(response.status == 200)
            #expect(gateway.audit.prompts.first?.decision.candidate?.cause == .guardUnavailable)
        }
        let slow = try Self.moderator(policy, SlowClassifier())
        try await withGateway(upstream: answering(Self.answer), candidate: slow) { gateway in
            let response = try await gateway.chat(chatRequest("Hello"))
            #expect(response.status == 200)
            #expect(gateway.audit.records.allSatisfy { $0.decision.candidate == nil })
            let skipped = try gateway.metrics.expectCounter(
                "gatehouse_candidate_skipped_total",
                [("reason", "timeout")]
            )
            #expect(skipped.totalValue == 2)
        }
    }
}

/// Answers only when it is cancelled.
private struct SlowClassifier: Classifier {
    let identity = ClassifierIdentity(model: "slow", modelDigest: "00", adapterDigest: nil, template: "test-1")

    func classify(_ request: ClassificationRequest) async throws -> Classification {
        try await Task.sleep(for: .seconds(3600))
        return Classification(scores: [], textTokens: 0)
    }
}
