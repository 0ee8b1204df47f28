import Gateway
import Testing

@Suite("Paths into JSON documents")
struct JSONPathTests {
    private let document = #"{"a":{"b c":"one","~/":"two"},"list":[{"text":"x"},{"text":"y"},{}],"0":"zero"}"#

    @Test(
        "pointers and paths name the same places",
        arguments: [
            ("/a/b c", ["/a/b c"]), ("$.a['b c']", ["/a/b c"]), ("$[\"a\"]['b c']", ["/a/b c"]),
            ("/a/~0~1", ["/a/~0~1"]), ("$.list[*].text", ["/list/0/text", "/list/1/text"]),
            ("$.list[0].text", ["/list/0/text"]), ("/list/1/text", ["/list/1/text"]),
            ("$.list[-2].text", ["/list/1/text"]), ("$.list[7].text", []), ("/list/07/text", []), ("/0", ["/0"]),
            ("$.a.*", ["/a/b c", "/a/~0~1"]), ("$", [""]), ("$.none.deeper", []), ("$.a[0]", []),
        ]
    )
    func values(path: String, pointers: [String]) throws {
        let found = try JSONPath(path).values(in: JSONDocument(Array(document.utf8)))
        #expect(found.map(\.pointer) == pointers)
    }

    @Test(
        "a path that makes no sense is told with its place",
        arguments: [
            ("message", "expected '$' or '/' at character 1"), ("", "expected '$' or '/' at character 1"),
            ("$message", "expected '.', '[' or the end at character 2"),
            ("$.", "expected a name or '*' at character 3"), ("$..a", "expected a name or '*' at character 3"),
            ("$.a[", "expected a name in quotes, '*' or a number from -99 to 99 at character 5"),
            ("$.a[1", "expected ']' at character 6"), ("$['a", "expected the closing ' at character 5"),
            ("$.a[1234567]", "expected a name in quotes, '*' or a number from -99 to 99 at character 5"),
            ("/a~2", "expected '0' or '1' after '~' at character 4"),
        ]
    )
    func errors(path: String, message: String) throws {
        do {
            _ = try JSONPath(path)
            Issue.record("'\(path)' was taken for a path")
        } catch {
            #expect(error.description == message)
        }
    }

    @Test(
        "the smallest document with a value at a path has it there",
        arguments: ["$.answer.text", "/answer/text", "$['a b'].c", "$.list[0].text", "$.list[*]", "$.list[2]", "$"]
    )
    func holding(path: String) throws {
        let path = try JSONPath(path)
        let document = try JSONDocument(Array(path.document(holding: "\"here\"").utf8))
        #expect(path.values(in: document).contains { document.string($0.value) == "here" })
    }

    @Test("a template needs the reply in one of its strings, and keeps everything else")
    func template() throws {
        for text in ["", "{reply}", "{\"a\":1}", "{\"{reply}\":1}"] { #expect(ReplyTemplate(text) == nil) }
        let template = try #require(ReplyTemplate("{\"a\": 1.0,\n\"b\": [\"Sorry: {reply}\"]}"))
        #expect(template.filled(with: "No \"way\".") == "{\"a\": 1.0,\"b\": [\"Sorry: No \\\"way\\\".\"]}")
    }
}
