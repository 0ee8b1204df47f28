import Foundation
import Moderation
import PolicyFiles
import Testing

@Suite("Damaged files")
struct DamagedFilesTests {
    /// Numbers that look random and are the same in each run (SplitMix64).
    struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    @Test("no damage goes without a diagnostic or a usable policy", arguments: GoldenDiagnosticsTests.names)
    func damage(name: String) throws {
        let text = try String(contentsOf: Places.fixtures.appending(path: "\(name).yaml"), encoding: .utf8)
        let pieces: [Unicode.Scalar] = [
            " ", "\n", ":", "-", "{", "[", "]", "}", "&", "*", "?", "'", "\"", "#", "|", "é", "\t", "1",
        ]
        var numbers = Numbers(state: 7)
        for _ in 0..<150 {
            var scalars = Array(text.unicodeScalars)
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                let place = Int.random(in: 0...scalars.count, using: &numbers)
                switch Int.random(in: 0..<3, using: &numbers) {
                case 0: scalars.insert(pieces.randomElement(using: &numbers) ?? " ", at: place)
                case 1: scalars.removeSubrange(place..<min(place + 3, scalars.count))
                default: scalars.insert(contentsOf: scalars[place...].prefix(20), at: place)
                }
            }
            let report = loader.check([(file: "x.yaml", text: String(String.UnicodeScalarView(scalars)))])
            #expect(report.isValid || report.diagnostics.contains { $0.severity == .error })
            #expect(!report.text.isEmpty)
        }
    }
}
