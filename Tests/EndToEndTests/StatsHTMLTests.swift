import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// `audit stats --html`, read as a browser would.
@Suite("The page of counts", .enabled(if: Checkout.hasBinary, "needs the build"))
struct StatsHTMLTests {
    let folder: PolicyFolder
    /// Counts by the hour, the first hours ago.
    private static let ages = [(150.0, 0.15), (150.0, 0.45), (150.0, 0.9), (20.0, 0.47), (20.0, 0.12), (3.0, 0.72)]

    init() throws { folder = try PolicyFolder([:]) }

    /// The page as elements, and the same counts as JSON.
    private func read() async throws -> (page: Element, counts: [String: Any]) {
        let records = try await OldRecords(in: try folder.sibling("store", [:]), Self.ages)
        let html = records.folder + "/week.html"
        let stats = ["audit", "stats", "--since", "30d", "--audit-file", records.path]
        let written = try await command(Checkout.binary, stats + ["--html", html])
        #expect(written.status == 0 && written.output.isEmpty, "\(written.errors)")
        let json = try await command(Checkout.binary, stats + ["--format", "json"])
        let counts = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        return (try Element(html: String(contentsOfFile: html, encoding: .utf8)), try #require(counts))
    }

    @Test("is whole, well formed and needs nothing else")
    func form() async throws {
        let (page, _) = try await read()
        #expect(page.name == "html" && page.children.map(\.name) == ["head", "body"])
        let known: Set = [
            "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "strong", "svg", "rect", "line", "text",
            "table", "tr", "td", "th", "figure", "figcaption",
        ]
        #expect(page.all.allSatisfy { known.contains($0.name) }, "\(Set(page.all.map(\.name)).subtracting(known))")
        let loading: Set = ["src", "href", "xlink:href", "srcset", "style", "data", "action", "background"]
        #expect(page.all.allSatisfy { loading.isDisjoint(with: $0.attributes.keys) })
        let style = page.all("style").map(\.text).joined()
        #expect(!style.isEmpty && !style.contains("url(") && !style.contains("@import"))
        // Every class that a mark has is drawn.
        let classes = Set(page.all("svg").flatMap(\.all).compactMap { $0.attributes["class"] })
        #expect(classes.allSatisfy { style.contains(".\($0){") || style.contains(".\($0),") }, "\(classes)")
        #expect(
            page.all("td").contains { $0.text == "a<b & \"c\"" } && page.all("td").contains { $0.text == "<south>" }
        )
    }

    @Test("draws each number as long as it is")
    func marks() async throws {
        let (page, counts) = try await read()
        // Over time: a column an hour or a day, its parts above each other.
        let time = try #require(
            page.all("svg").first { $0.attributes["aria-label"] == "decisions over time by outcome" }
        )
        let columns = Dictionary(grouping: time.all("rect")) { $0.number("x") }
        let hours = try #require(counts["hours"] as? [[String: Any]]).compactMap { $0["counts"] as? [String: Int] }
        var drawn: [String: Int] = [:]
        let totals = try columns.values.map { parts in
            try parts.reduce(0) { sum, part in
                let words = try #require(part.title).split(separator: " ").suffix(4)
                drawn[String(words[words.startIndex + 1]), default: 0] += try #require(Int(words[words.startIndex]))
                #expect(part.attributes["class"] == String(words[words.startIndex + 1]))
                return sum + (try #require(Int(words[words.startIndex])))
            }
        }
        for kind in ["block", "flag"] { #expect(drawn[kind] == hours.reduce(0) { $0 + ($1[kind] ?? 0) }, "\(kind)") }
        #expect(drawn.values.reduce(0, +) == Self.ages.count)
        let most = try #require(totals.max())
        for part in time.all("rect") {
            let count = try #require(part.title?.split(separator: " ").suffix(4).first.flatMap { Double($0) })
            #expect(abs(part.number("height") - count / Double(most) * 220) < 0.02)
        }
        // Tables: a bar beside each number.
        for row in page.all("tr") {
            guard let label = row.all("td").first(where: { $0.attributes["class"] == "n" })?.text,
                let count = Double(label), let bar = row.all("rect").first
            else { continue }
            let table = try #require(page.all("table").first { $0.all("tr").contains { $0 === row } })
            let longest = table.all("tr").compactMap { row in
                row.all("td").first { $0.attributes["class"] == "n" }.flatMap { Double($0.text) }
            }.max()
            #expect(abs(bar.number("width") - 300 * count / (longest ?? 1)) < 0.02, "\(label)")
        }
        // Scores: a bar a bin, a line a threshold.
        let scores = try #require(page.all("svg").first { $0.attributes["aria-label"]?.hasPrefix("scores of") == true })
        let bins = scores.all("rect").compactMap(\.title)
        #expect(
            bins == ["0.10 to 0.15: 1", "0.15 to 0.20: 1", "0.45 to 0.50: 2", "0.70 to 0.75: 1", "0.90 to 0.95: 1"]
        )
        #expect(scores.all("rect").map { $0.number("height") } == [38, 38, 76, 38, 38])
        let lines = scores.all("line").filter { $0.attributes["class"] != "axis" }
        #expect(lines.map { $0.attributes["class"] } == ["at-flag", "at-block"])
        #expect(zip(lines, [0.4, 0.7]).allSatisfy { abs($0.number("x1") - ($1 - 0.1) / 0.9 * 260) < 0.02 })
    }
}

/// An element of a page.
private final class Element: NSObject, XMLParserDelegate {
    let name: String
    let attributes: [String: String]
    private(set) var children: [Element] = []
    private var own = ""
    private var open: [Element] = []

    private init(_ name: String, _ attributes: [String: String]) {
        self.name = name
        self.attributes = attributes
    }

    /// Reads a page; beside its first line and the elements that have no end it must be well-formed XML.
    convenience init(html: String) throws {
        let doctype = "<!DOCTYPE html>\n"
        #expect(html.hasPrefix(doctype) && html.hasSuffix("</html>\n"))
        let closed = html.dropFirst(doctype.count).replacing(/<meta ([^>]*)>/) { "<meta \($0.1)/>" }
        let document = Element("", [:])
        let parser = XMLParser(data: Data(closed.utf8))
        parser.delegate = document
        try #require(parser.parse(), "line \(parser.lineNumber): \(String(describing: parser.parserError))")
        let root = document.children[0]
        self.init(root.name, root.attributes)
        children = root.children
    }

    /// The element and all below it.
    var all: [Element] { [self] + children.flatMap(\.all) }

    func all(_ name: String) -> [Element] { all.filter { $0.name == name } }

    var text: String { own + children.map(\.text).joined() }

    /// What is shown when the pointer rests on it.
    var title: String? { children.first { $0.name == "title" }?.text }

    func number(_ name: String) -> Double { attributes[name].flatMap { Double($0) } ?? .nan }

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        let element = Element(name, attributes)
        (open.last ?? self).children.append(element)
        open.append(element)
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { open.last?.own += string }
}
