internal import Detectors
internal import Foundation
public import Moderation

/// Finds personal data and secrets in texts, for `gatehouse detect`.
public struct TextSearch: Sendable {
    private let detectors: [any Detector]

    /// Looks for the given kinds.
    public init(pii: [PIIKind], secrets: [SecretKind]) throws {
        let builder = BuiltInDetectors()
        detectors = try [Detection.pii(pii), .secrets(secrets)].compactMap { try builder.detector(for: $0) }
    }

    /// What one text holds, and how long the search took.
    public func search(_ text: String) throws -> TextSearchReport {
        let start = ContinuousClock.now
        let matches = try detectors.flatMap { try $0.matches(in: text) }
        return TextSearchReport(text: text, matches: matches, duration: .now - start)
    }

    /// The text of a line of JSON: a string, or an object with a string `text`.
    ///
    /// - Throws: `TextSearchError` without any of the line's content.
    public static func text(ofJSON line: String, number: Int) throws(TextSearchError) -> String {
        struct Row: Decodable {
            var text: String
        }
        let data = Data(line.utf8)
        let decoder = JSONDecoder()
        if let text = try? decoder.decode(String.self, from: data) { return text }
        if let row = try? decoder.decode(Row.self, from: data) { return row.text }
        throw TextSearchError(line: number)
    }
}

/// A line that holds no text.
public struct TextSearchError: Error, Hashable, CustomStringConvertible {
    /// Its number, from 1.
    public var line: Int

    /// Creates an error.
    public init(line: Int) { self.line = line }

    /// What was expected.
    public var description: String { "line \(line): expected a JSON string, or an object with a string \"text\"" }
}

/// What was found in one text.
public struct TextSearchReport: Sendable {
    /// One piece of personal data, or one secret.
    public struct Finding: Sendable, Hashable, Encodable {
        /// The kind, as a policy names it.
        public var kind: String
        /// Where it begins, in Unicode scalars (Python's characters).
        public var start: Int
        /// Where it ends, in Unicode scalars.
        public var end: Int
        /// Where it begins, in UTF-8 bytes.
        public var startUTF8: Int
        /// Where it ends, in UTF-8 bytes.
        public var endUTF8: Int

        enum CodingKeys: String, CodingKey {
            case kind, start, end
            case startUTF8 = "start_utf8"
            case endUTF8 = "end_utf8"
        }
    }

    /// In order of position.
    public let findings: [Finding]
    /// The text with each finding replaced, as `action: redact` leaves it.
    public let redacted: String
    private let duration: Duration

    init(text: String, matches: [Match], duration: Duration) {
        let matches = matches.union()
        findings = Self.findings(matches, in: text)
        redacted = text.replacing(matches)
        self.duration = duration
    }

    /// For people: each finding with its place in characters, then the text as it would be masked.
    public func text() -> String {
        findings.map { "\($0.kind)  \($0.start)-\($0.end)\n" }.joined() + redacted + "\n"
    }

    /// For programs: one line of JSON.
    public func json() throws -> String {
        struct Output: Encodable {
            var findings: [Finding]
            var microseconds: Double
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let output = Output(findings: findings, microseconds: duration.milliseconds * 1000)
        return String(decoding: try encoder.encode(output), as: UTF8.self) + "\n"
    }

    /// Scalars are counted once, from each offset to the next.
    private static func findings(_ matches: [Match], in text: String) -> [Finding] {
        var bytes = 0
        var scalars = 0
        var index = text.utf8.startIndex
        func scalarOffset(at offset: Int) -> Int {
            let next = text.utf8.index(index, offsetBy: offset - bytes)
            scalars += text.unicodeScalars.distance(from: index, to: next)
            (bytes, index) = (offset, next)
            return scalars
        }
        return matches.map { match in
            let start = scalarOffset(at: match.range.lowerBound)
            return Finding(
                kind: match.label,
                start: start,
                end: scalarOffset(at: match.range.upperBound),
                startUTF8: match.range.lowerBound,
                endUTF8: match.range.upperBound
            )
        }
    }
}
