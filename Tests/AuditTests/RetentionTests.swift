import Audit
import Testing

@Suite("what is kept how long")
struct RetentionTests {
    @Test(
        "sizes are written with their unit",
        arguments: [
            ("20GB", 20_000_000_000), ("1.5TB", 1_500_000_000_000), ("500MB", 500_000_000), ("8kB", 8000), ("20", nil),
            ("GB", nil), ("-1GB", nil), ("0GB", nil), ("1e3GB", nil), ("1 GB", nil), ("nanGB", nil),
        ] as [(String, Int?)]
    )
    func sizes(text: String, bytes: Int?) {
        #expect(ByteSize.bytes(text) == bytes)
    }

    @Test(
        "ages are written with their unit",
        arguments: [("30d", 2_592_000), ("1y", 31_536_000), ("1", nil)] as [(String, Double?)]
    )
    func ages(text: String, seconds: Double?) {
        #expect(TimeExpression.age(text) == seconds)
    }
}
