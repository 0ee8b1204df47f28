import Gateway
import Moderation
import Synchronization
import Testing

/// A request and what the chatbot answers.
struct FixtureCase: Sendable {
    var request: String
    var answer: String
    var streamed: Bool
    /// Sizes of the pieces that the answer is sent in; all at once without any.
    var sizes: [Int] = []
}

/// What came of a case.
struct FixtureOutcome: Sendable {
    var response: Wire.Message
    /// What the chatbot was sent; nil when the request never reached it.
    var forwarded: Wire.Message?
    var records: [AuditRecord]
}

extension DialectFixture {
    /// Runs cases through one gateway on real sockets, one after the other.
    func run(_ cases: [FixtureCase], policy: PolicySet = testPolicy) async throws -> [FixtureOutcome] {
        let current = Mutex<(case: FixtureCase?, forwarded: Wire.Message?)>((nil, nil))
        return try await withGateway(
            GatewaySettings(routes: customRoutes),
            policy: policy,
            upstream: { wire in
                while true {
                    let message = try await wire.message()
                    let answer = current.withLock {
                        $0.forwarded = message
                        return $0.case
                    }
                    guard let answer else { return }
                    try await respond(answer, on: wire)
                }
            }
        ) { gateway in
            var outcomes: [FixtureOutcome] = []
            try await withConnection(to: gateway.port) { _ in }
            for next in cases {
                current.withLock { $0 = (next, nil) }
                let known = gateway.audit.records.count
                let response = try await withConnection(to: gateway.port) {
                    try await $0.request("POST", path(streamed: next.streamed), body: next.request)
                }
                outcomes.append(
                    FixtureOutcome(
                        response: response,
                        forwarded: current.withLock(\.forwarded),
                        records: Array(gateway.audit.records.dropFirst(known))
                    )
                )
            }
            return outcomes
        }
    }

    private func respond(_ answer: FixtureCase, on wire: Wire) async throws {
        guard answer.streamed else { return try await wire.respond(answer.answer) }
        guard !answer.sizes.isEmpty else { return try await wire.respond(answer.answer, type: settings.streamType) }
        let bytes = Array(answer.answer.utf8)
        try await wire.send(
            "HTTP/1.1 200 OK\r\ncontent-type: \(settings.streamType)\r\ncontent-length: \(bytes.count)\r\n\r\n"
        )
        var position = 0
        for size in answer.sizes + [bytes.count] where position < bytes.count {
            let end = min(bytes.count, position + size)
            try await wire.send(Array(bytes[position..<end]))
            position = end
        }
    }
}
