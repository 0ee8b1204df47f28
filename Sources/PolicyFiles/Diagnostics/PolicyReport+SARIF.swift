internal import Foundation
internal import Moderation

extension PolicyReport {
    /// The problems as a log in the Static Analysis Results Interchange Format, which code forges show beside the lines.
    ///
    /// Ends in a line feed.
    ///
    /// - Parameter version: version of this program.
    /// - Source: SARIF 2.1.0, OASIS standard; `columnKind` says that columns count Unicode scalars.
    public func sarif(version: String) -> String {
        let codes = PolicyDiagnosticCode.allCases.filter { code in diagnostics.contains { $0.code == code } }
        let rules = codes.map { code -> JSONTree in
            [
                "id": .string(code.rawValue), "shortDescription": ["text": .string(code.summary)],
                "help": ["text": .string("docs/diagnostics/\(code.rawValue).md says how to mend it.")],
            ]
        }
        let driver: JSONTree = ["name": "gatehouse", "version": .string(version), "rules": .list(rules)]
        let run: JSONTree = [
            "tool": ["driver": driver], "columnKind": "unicodeCodePoints",
            "results": .list(diagnostics.map { $0.sarif(rules: codes) }),
        ]
        let log: JSONTree = [
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0", "runs": [run],
        ]
        return log.text() + "\n"
    }

    /// The problems as commands for GitHub's workflow logs, which show them beside the lines.
    public var githubCommands: String {
        diagnostics.map { diagnostic in
            let place = diagnostic.location
            let words = diagnostic.help.map { "\(diagnostic.message)\nhelp: \($0)" } ?? diagnostic.message
            let properties = [
                ("file", place.file), ("line", String(place.line)), ("col", String(place.column)),
                ("title", diagnostic.code.rawValue),
            ].map { "\($0)=\(Self.escaped($1, in: "%\r\n:,"))" }
            return
                "::\(diagnostic.severity.rawValue) \(properties.joined(separator: ","))::\(Self.escaped(words, in: "%\r\n"))\n"
        }.joined()
    }

    /// Percent-encodes the characters that have a meaning in a workflow command.
    private static func escaped(_ text: String, in reserved: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            if reserved.unicodeScalars.contains(scalar) {
                out += "%" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16, uppercase: true)
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

extension PolicyDiagnostic {
    fileprivate func sarif(rules: [PolicyDiagnosticCode]) -> JSONTree {
        var entries: [(key: String, value: JSONTree)] = [
            ("ruleId", .string(code.rawValue)), ("ruleIndex", .integer(rules.firstIndex(of: code) ?? -1)),
            ("level", .string(severity.rawValue)),
            ("message", ["text": .string(help.map { "\(message)\nhelp: \($0)" } ?? message)]),
            ("locations", [location.sarif]),
        ]
        if !notes.isEmpty {
            let related = notes.map { note -> JSONTree in
                guard case .object(let entries) = note.location.sarif else { return [:] }
                return .object(entries + [("message", ["text": .string(note.message)])])
            }
            entries.append(("relatedLocations", .list(related)))
        }
        return .object(entries)
    }
}

extension SourceLocation {
    fileprivate var sarif: JSONTree {
        let path = file.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? file
        let uri = file.hasPrefix("/") ? "file://" + path : path
        return [
            "physicalLocation": [
                "artifactLocation": ["uri": .string(uri)],
                "region": ["startLine": .integer(line), "startColumn": .integer(column)],
            ]
        ]
    }
}
