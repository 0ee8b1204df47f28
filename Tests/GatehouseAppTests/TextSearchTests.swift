import GatehouseApp
import Moderation
import Testing

@Suite("Finding personal data and secrets in a text")
struct TextSearchTests {
    @Test("each finding has its place in characters and in bytes")
    func places() throws {
        let search = try TextSearch(pii: [.email, .ipAddress], secrets: [])
        let report = try search.search("né: jo@example.com 👩‍👧 10.1.2.3")
        #expect(report.findings.map(\.kind) == ["email", "ip_address"])
        #expect(report.findings.map(\.start) == [4, 23])
        #expect(report.findings.map(\.end) == [18, 31])
        #expect(report.findings.map(\.startUTF8) == [5, 32])
        #expect(report.findings.map(\.endUTF8) == [19, 40])
        #expect(report.text() == "email  4-18\nip_address  23-31\nné: [EMAIL] 👩‍👧 [IP_ADDRESS]\n")
        #expect(
            try report.json().hasPrefix(
                #"{"findings":[{"end":18,"end_utf8":19,"kind":"email","start":4,"start_utf8":5},"#
            )
        )
    }

    @Test("only the kinds that were asked for are found")
    func kinds() throws {
        let text = "jo@example.com AKIAIOSFODNN7EXAMPLE"
        #expect(
            try TextSearch(pii: [], secrets: [.awsAccessKey]).search(text).redacted == "jo@example.com [AWS_ACCESS_KEY]"
        )
        #expect(try TextSearch(pii: [.phone], secrets: []).search(text).findings.isEmpty)
    }

    @Test("a line of JSON is a string, or an object with a text")
    func lines() throws {
        #expect(try TextSearch.text(ofJSON: #""a\nb""#, number: 1) == "a\nb")
        #expect(try TextSearch.text(ofJSON: #"{"id": 7, "text": "a"}"#, number: 1) == "a")
        for line in ["", "text", #"{"txt": "a"}"#, #"{"text": 1}"#, "[]"] {
            #expect(throws: TextSearchError(line: 3)) { try TextSearch.text(ofJSON: line, number: 3) }
        }
    }
}
