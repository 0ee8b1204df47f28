import Foundation
import Moderation
import Testing
import Tuning

@Suite("Labelled texts")
struct DataFileTests {
    private static let line =
        #"{"id":"a/1","source":"s","split":"test","kind":"response","prompt":"hi","text":"hello","#
        + #""labels":{"hate_speech":1,"violence":null},"unsafe":0,"orig":{}}"#

    private static let packed =
        "H4sIAAAAAAACA6tWykxRslJK1DdU0lHKzswDcZLzc3NT80qAAgVF+bkFJUpWeaU5OTpKJakVQLZSRmpOTj5QMicxKT"
        + "WnWMmqulZHqTSvODEtFaKwlqsaZqgRFQ0FAE6iLl+qAAAA"

    private func write(_ data: Data) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "rows-\(UUID().uuidString)").path
        try data.write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("rows are read, with and without a last line feed, blank lines skipped")
    func rows() throws {
        let path = try write(Data("\(Self.line)\n\n\(Self.line)".utf8))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let rows = try DataFile.rows(path: path)
        #expect(rows.count == 2)
        #expect(rows[0].labels["hate_speech"] == 1)
        #expect(rows[0].labels["violence"] == .some(nil))
        #expect(rows[0].unsafe == 0)
        #expect(try DataFile.rows(path: path, limit: 1).count == 1)
        let request = rows[0].request(questions: [])
        #expect(request.direction == .response)
        #expect(request.context.map(\.text) == ["hi"])
    }

    @Test("a line longer than the read buffer is one row")
    func longLine() throws {
        let text = String(repeating: "x", count: 300_000)
        let path = try write(Data(Self.line.replacing("hello", with: text).utf8))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try DataFile.rows(path: path).first?.text.count == 300_000)
    }

    @Test("gzip is told by its content; a cut file is an error")
    func gzip() throws {
        // A gzip stream of two rows, made with Python's gzip module.
        let packed = try #require(Data(base64Encoded: Self.packed))
        let path = try write(packed)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try DataFile.rows(path: path).map(\.id) == ["a/1", "a/2"])
        let cut = try write(packed.dropLast(12))
        defer { try? FileManager.default.removeItem(atPath: cut) }
        #expect(throws: TuningError.self) { try DataFile.rows(path: cut) }
    }

    @Test("a malformed row names file and line and none of its text")
    func malformed() throws {
        let path = try write(Data("\(Self.line)\n{\"text\":\"private\"}\n".utf8))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: TuningError.malformedRow(path: path, line: 2)) { try DataFile.rows(path: path) }
        #expect(!TuningError.malformedRow(path: path, line: 2).description.contains("private"))
    }

    @Test("an absent file is an error")
    func absent() {
        #expect(throws: TuningError.self) { try DataFile.rows(path: "/nonexistent/rows.jsonl") }
    }
}
