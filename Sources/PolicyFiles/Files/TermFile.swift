internal import Moderation

/// A file of terms: one a line; empty lines and lines that begin with `#` say nothing.
struct TermFile {
    /// The language that the file's name tells; nil when it tells none.
    let language: String?
    /// The terms, without white space at their ends.
    let terms: [String]
    /// Where each term stands.
    let locations: [SourceLocation]

    /// Reads the lines of a file.
    init(_ text: String, file: String) {
        var terms: [String] = []
        var locations: [SourceLocation] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let indentation = line.unicodeScalars.prefix(while: \.properties.isWhitespace).count
            let term = String(line).trimmingSpace()
            guard !term.isEmpty, !term.hasPrefix("#") else { continue }
            terms.append(term)
            locations.append(SourceLocation(file: file, line: index + 1, column: indentation + 1))
        }
        self.terms = terms
        self.locations = locations
        // insults.de.txt and de.txt are German.
        let parts = (file.split(separator: "/").last ?? "").split(separator: ".").dropLast()
        language = parts.last.flatMap { LanguageReader.isCode($0) ? String($0) : nil }
    }
}
