import Foundation
import Sinks
import Testing

@Suite("the wait after a failure")
struct PaceTests {
    @Test("doubles up to a limit, and is as little as half of that by chance")
    func waits() {
        var random = SystemRandomNumberGenerator()
        let pace = SinkPace()
        for (failures, longest) in [(1, 0.5), (2, 1), (3, 2), (7, 32), (8, 60), (9, 60), (1_000_000, 60)]
            as [(Int, Double)]
        {
            let waits = (0..<50).map { _ in pace.wait(after: failures, using: &random) / .seconds(1) }
            #expect(waits.allSatisfy { $0 >= longest / 2 && $0 <= longest })
            #expect(Set(waits).count > 10)
        }
    }
}

@Suite("the signature of a webhook")
struct WebhookSignatureTests {
    @Test("is that of the specification's example")
    func example() throws {
        let signature = try #require(WebhookSignature(secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let value = signature.value(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            time: 1_614_265_330,
            body: Data(#"{"test": 2432232314}"#.utf8)
        )
        #expect(value == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("takes any other text as the key")
    func text() throws {
        let key = Data("house key".utf8)
        let plain = try #require(WebhookSignature(secret: "house key"))
        let coded = try #require(WebhookSignature(secret: "whsec_" + key.base64EncodedString()))
        #expect(plain.value(id: "a", time: 1, body: key) == coded.value(id: "a", time: 1, body: key))
    }
}
