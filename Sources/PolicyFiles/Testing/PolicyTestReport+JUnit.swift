internal import Foundation
internal import Moderation

extension PolicyTestReport {
    /// The results as JUnit XML, which CI systems show; one suite a rule, and one for the tests of the whole policy.
    ///
    /// Never holds the text of a test.
    public var junit: String {
        var suites: [(name: String, results: [Result])] = []
        for result in results {
            let name = result.rule ?? "policy"
            if suites.last?.name == name {
                suites[suites.count - 1].results.append(result)
            } else {
                suites.append((name, [result]))
            }
        }
        var lines = [#"<?xml version="1.0" encoding="UTF-8"?>"#, "<testsuites \(Self.counts(results))>"]
        for suite in suites {
            lines.append("  <testsuite name=\"\(Self.escaped(suite.name))\" \(Self.counts(suite.results))>")
            lines += suite.results.flatMap { Self.testCase($0, policy: policy) }
            lines.append("  </testsuite>")
        }
        lines.append("</testsuites>")
        return lines.map { $0 + "\n" }.joined()
    }

    private static func counts(_ results: [Result]) -> String {
        func count(_ status: Status) -> Int { results.count { $0.status == status } }
        let seconds = results.reduce(0) { $0 + ($1.seconds ?? 0) }
        return """
            tests="\(results.count)" failures="\(count(.failed))" errors="\(count(.error))" skipped="\(count(.skipped))" \
            time="\(decimal(seconds))"
            """
    }

    private static func testCase(_ result: Result, policy: String) -> [String] {
        var attributes =
            "name=\"\(escaped(result.subject))\" classname=\"\(escaped("\(policy).\(result.rule ?? "policy")"))\""
        if let location = result.location {
            attributes += " file=\"\(escaped(location.file))\" line=\"\(location.line)\""
        }
        attributes += " time=\"\(decimal(result.seconds ?? 0))\""
        let message = escaped(result.reason ?? "")
        let body = escaped(result.text)
        let inner: String? =
            switch result.status {
            case .passed: nil
            case .failed: "<failure message=\"\(message)\">\(body)</failure>"
            case .error: "<error message=\"\(message)\">\(body)</error>"
            case .skipped: "<skipped message=\"\(message)\"/>"
            }
        guard let inner else { return ["    <testcase \(attributes)/>"] }
        return ["    <testcase \(attributes)>", "      \(inner)", "    </testcase>"]
    }

    private static func decimal(_ seconds: Double) -> String { String(format: "%.3f", seconds) }

    /// Text as XML 1.0 can hold it.
    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "\n", "\r", "\t": out += "&#\(scalar.value);"
            case "\0"..<" ", "\u{FFFE}", "\u{FFFF}": out += "\u{FFFD}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
