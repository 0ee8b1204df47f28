import Foundation
import Kernels
import Testing

private struct Fixture: Decodable {
    struct Entry: Decodable {
        var type: String
        var ggml_type: UInt32
        var bytes: String
        var values: [Float]
    }
    var types: [Entry]

    static func load() throws -> Fixture {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "fixtures/gemma/dequantize.json"))
        return try JSONDecoder().decode(Fixture.self, from: data)
    }
}

private func bytes(ofHex text: String) -> [UInt8] {
    let digits = text.utf8.map { $0 < 0x40 ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

@Suite("decoding GGUF blocks")
struct DequantizeTests {
    @Test("every tensor type decodes to the very bits of the reference, aligned or not", arguments: TensorType.allCases)
    func matchesReference(_ type: TensorType) throws {
        let entry = try #require(try Fixture.load().types.first { $0.ggml_type == type.rawValue })
        #expect(entry.type == type.name)
        let source = bytes(ofHex: entry.bytes)
        #expect(source.count * type.blockElements == entry.values.count * type.blockBytes)
        for shift in 0..<4 {
            let shifted = [UInt8](repeating: 0xA5, count: shift) + source
            let decoded = guarded(count: entry.values.count) { output in
                shifted.withUnsafeBytes { bytes in
                    dequantize(
                        type,
                        UnsafeRawBufferPointer(rebasing: bytes[shift...]),
                        into: UnsafeMutableBufferPointer(start: output, count: entry.values.count)
                    )
                }
            }
            #expect(decoded?.map(\.bitPattern) == entry.values.map(\.bitPattern))
        }
    }

    @Test("no blocks decode to nothing", arguments: TensorType.allCases)
    func empty(_ type: TensorType) {
        dequantize(
            type,
            UnsafeRawBufferPointer(start: nil, count: 0),
            into: UnsafeMutableBufferPointer(start: nil, count: 0)
        )
    }

    @Test("all 65536 halves decode exactly")
    func everyHalf() {
        let halves = (0...UInt16.max).map { $0 }
        var decoded = [Float](repeating: 0, count: halves.count)
        halves.withUnsafeBytes { source in
            decoded.withUnsafeMutableBufferPointer { dequantize(.f16, source, into: $0) }
        }
        let wrong = halves.indices.filter {
            let exact = Float(Float16(bitPattern: halves[$0]))
            return exact.isNaN ? !decoded[$0].isNaN : decoded[$0].bitPattern != exact.bitPattern
        }
        #expect(wrong.isEmpty)
    }
}
