import Audit
import Foundation
import Sinks
import Testing

@Suite("positions of sinks")
struct SinkPositionTests {
    @Test("are opened in the gateway without taking away the locks that its store has on the file")
    func locks() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("audit.sqlite")
        let recorded = try RecordedStore(folder)
        try await recorded.record(1)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let file = try #require(attributes[.systemFileNumber] as? UInt64)
        func locks() throws -> Int {
            let lines = try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
            return lines.count { $0.contains(":\(file) ") && $0.contains(" \(getpid()) ") }
        }
        let before = try locks()
        #expect(before > 0)
        let positions = try SQLiteSinkPositions(path: path)
        #expect(try await positions.position(of: "siem") == nil)
        #expect(try locks() >= before)
        try recorded.store.close()
    }
}
