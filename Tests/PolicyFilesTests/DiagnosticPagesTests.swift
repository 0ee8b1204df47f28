import Foundation
import PolicyFiles
import Testing

/// Each code has a page in `docs/diagnostics`, whose example gives just what the page is about.
@Suite("Pages of diagnostics")
struct DiagnosticPagesTests {
    static let folder = Places.repository.appending(path: "docs/diagnostics")

    private func page(_ code: PolicyDiagnosticCode) throws -> String {
        try String(contentsOf: Self.folder.appending(path: "\(code.rawValue).md"), encoding: .utf8)
    }

    @Test("there is a page for each code, and none without one")
    func pages() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(names) == Set(PolicyDiagnosticCode.allCases.map { $0.rawValue + ".md" }))
    }

    @Test("the example of a page gives its code and no other error", arguments: PolicyDiagnosticCode.allCases)
    func example(code: PolicyDiagnosticCode) throws {
        let text = try page(code)
        #expect(text.hasPrefix("# `\(code.rawValue)`\n"))
        let mending = try #require(text.firstRange(of: "\n## What to do\n"))
        let folder = try TemporaryFolder()
        try write(text[..<mending.lowerBound], into: folder)
        let report = loader.check(folder.path + "/policy.yaml")
        let found = report.diagnostics.filter { $0.code == code }
        #expect(!found.isEmpty, "\(report.text)")
        #expect(report.diagnostics.allSatisfy { $0.code == code || $0.severity == .warning }, "\(report.text)")
        #expect(text.contains("Warning: ") == (found.first?.severity == .warning))
    }

    /// Writes the fenced blocks of a page to files: the first is `policy.yaml`, others have their name before them; runs those
    /// that are for the shell.
    private func write(_ page: Substring, into folder: TemporaryFolder) throws {
        var name = "policy.yaml"
        var block: (kind: String, lines: [Substring])?
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if let open = block, line == "```" {
                let text = open.lines.map { $0 + "\n" }.joined()
                if open.kind == "sh" { try run(text, in: folder) } else { try folder.write(name, Data(text.utf8)) }
                block = nil
            } else if block != nil {
                block?.lines.append(line)
            } else if line.hasPrefix("```") {
                block = (String(line.dropFirst(3)), [])
            } else if line.hasPrefix("`"), line.hasSuffix("`:") {
                name = String(line.dropFirst().dropLast(2))
            }
        }
    }

    private func run(_ script: String, in folder: TemporaryFolder) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.currentDirectoryURL = folder.url
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
