import Foundation
import Moderation
import PolicyFiles
import Testing

@Suite("Diagnostics for machines")
struct DiagnosticFormatsTests {
    private var locked: PolicyReport {
        loader.check(Places.fixtures.appending(path: "locked.yaml").path)
    }

    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("a SARIF log has a rule for each code, and a place for each problem")
    func sarif() throws {
        let report = locked
        let log = try json(report.sarif(version: "1.2.3"))
        #expect(log["version"] as? String == "2.1.0")
        let run = try #require((log["runs"] as? [[String: Any]])?.first)
        #expect(run["columnKind"] as? String == "unicodeCodePoints")
        let driver = try #require((run["tool"] as? [String: [String: Any]])?["driver"])
        #expect(driver["name"] as? String == "gatehouse" && driver["version"] as? String == "1.2.3")
        let rules = try #require(driver["rules"] as? [[String: Any]]).map { $0["id"] as? String }
        #expect(rules == ["loosens-locked-rule"])
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(results.count == report.diagnostics.count)
        for (result, diagnostic) in zip(results, report.diagnostics) {
            #expect(result["ruleId"] as? String == diagnostic.code.rawValue)
            #expect(result["level"] as? String == diagnostic.severity.rawValue)
            let index = try #require(result["ruleIndex"] as? Int)
            #expect(rules[index] == diagnostic.code.rawValue)
            let place = try #require(
                (result["locations"] as? [[String: Any]])?.first?["physicalLocation"] as? [String: Any]
            )
            let uri = try #require((place["artifactLocation"] as? [String: String])?["uri"])
            #expect(URL(string: uri)?.path == diagnostic.location.file)
            #expect(
                place["region"] as? [String: Int]
                    == ["startLine": diagnostic.location.line, "startColumn": diagnostic.location.column]
            )
            #expect((result["relatedLocations"] as? [Any])?.count == diagnostic.notes.count)
        }
    }

    @Test("a log without problems is one with an empty list")
    func noProblems() throws {
        let log = try json(loader.check([("p.yaml", policyText(rule: "a"))]).sarif(version: "1"))
        let run = try #require((log["runs"] as? [[String: Any]])?.first)
        #expect((run["results"] as? [Any])?.isEmpty == true)
    }

    @Test("a relative path stays relative, and odd characters are encoded")
    func paths() throws {
        let report = loader.check([("a b/p%.yaml", "version: 1\npolicy: p\n")])
        let log = report.sarif(version: "1")
        #expect(log.contains(#""uri": "a%20b/p%25.yaml""#))
    }

    @Test("a command of GitHub's logs is one line, whatever the message and the path")
    func github() {
        let report = loader.check([("a,b:c.yaml", "version: 1\npolicy: p\nrulse: []\n")])
        let lines = report.githubCommands.split(separator: "\n")
        #expect(lines.count == report.diagnostics.count)
        #expect(
            lines.last
                == """
                ::error file=a%2Cb%3Ac.yaml,line=3,col=1,title=unknown-key::'rulse' is not a key of a policy file\
                %0Ahelp: did you mean 'rules'?
                """
        )
    }

    @Test("control characters of a file are escaped in a log")
    func controlCharacters() throws {
        let report = loader.check([("a.yaml", "version: 1\npolicy: x\n\"bad\\u001b\\u0085key\": 1\n")])
        let log = report.sarif(version: "1")
        #expect(!log.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
        _ = try json(log)
    }
}
