internal import Moderation

/// Gathers the problems of one load, so that all are told at once.
final class ProblemList {
    private(set) var diagnostics: [PolicyDiagnostic] = []
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
        let line: String? = lines[location.file].flatMap { lines in
            lines.indices.contains(location.line - 1) ? String(lines[location.line - 1]) : nil
        }
        diagnostics.append(
            PolicyDiagnostic(
                code: code,
                severity: severity,
                location: location,
                keyPath: path,
                message: message,
                help: help,
                sourceLine: line,
                notes: notes
            )
        )
    }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// The problems in order of place: files as they were read, then lines and columns.
    var sorted: [PolicyDiagnostic] {
        let rank = Dictionary(
            files.enumerated().map { ($0.element, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        return diagnostics.enumerated().sorted { a, b in
            let (x, y) = (a.element.location, b.element.location)
            return (rank[x.file] ?? -1, x.line, x.column, a.offset) < (rank[y.file] ?? -1, y.line, y.column, b.offset)
        }.map(\.element)
    }
}
