internal import Moderation

/// Gathers the problems of one load, so that all are told at once.
final class ProblemList {
    /// Most problems that are told; a damaged file could have as many as it has values.
    static let most = 500
    /// The longest line that is quoted, in UTF-8 bytes.
    static let longestLineBytes = 4_096

    private var diagnostics: [PolicyDiagnostic] = []
    private var counts: [PolicyDiagnostic.Severity: Int] = [:]
    private var firstUntold: [PolicyDiagnostic.Severity: SourceLocation] = [:]
    private var lines: [String: [Substring]] = [:]
    private var files: [String] = []

    /// Makes the lines of a file known, for quoting.
    func register(file: String, text: String) {
        lines[file] = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        files.append(file)
    }

    func add(
        _ code: PolicyDiagnosticCode,
        _ severity: PolicyDiagnostic.Severity = .error,
        at location: SourceLocation,
        path: String = "",
        _ message: String,
        help: String? = nil,
        notes: [PolicyDiagnostic.Note] = []
    ) {
        counts[severity, default: 0] += 1
        guard counts[severity, default: 0] <= Self.most else {
            if firstUntold[severity] == nil { firstUntold[severity] = location }
            return
        }
        diagnostics.append(
            PolicyDiagnostic(
                code: code,
                severity: severity,
                location: location,
                keyPath: path,
                message: message,
                help: help,
                sourceLine: sourceLine(at: location),
                notes: notes
            )
        )
    }

    private func sourceLine(at location: SourceLocation) -> String? {
        guard let lines = lines[location.file], lines.indices.contains(location.line - 1) else { return nil }
        let line = lines[location.line - 1]
        return line.utf8.count <= Self.longestLineBytes ? String(line) : nil
    }

    /// How many errors there are, told or not.
    var errors: Int { counts[.error, default: 0] }

    var hasErrors: Bool { errors > 0 }

    /// Whether there are more errors than `start`.
    func hasErrors(since start: Int) -> Bool { errors > start }

    /// The problems in order of place: files as they were read, then lines and columns; those beyond ``most`` as one.
    var sorted: [PolicyDiagnostic] {
        let rank = Dictionary(
            files.enumerated().map { ($0.element, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        return (diagnostics + untold).enumerated().sorted { a, b in
            let (x, y) = (a.element.location, b.element.location)
            return (rank[x.file] ?? -1, x.line, x.column, a.offset) < (rank[y.file] ?? -1, y.line, y.column, b.offset)
        }.map(\.element)
    }

    private var untold: [PolicyDiagnostic] {
        PolicyDiagnostic.Severity.allCases.compactMap { severity in
            firstUntold[severity].map { location in
                let number = counts[severity, default: 0] - Self.most
                return PolicyDiagnostic(
                    code: .tooLarge,
                    severity: severity,
                    location: location,
                    keyPath: "",
                    message: "there \(number == 1 ? "is" : "are") \(counted(number, "more \(severity.rawValue)"))",
                    help: "mend the ones that are told first",
                    notes: []
                )
            }
        }
    }
}
