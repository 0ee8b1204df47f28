public import Moderation

/// Masks every kind of personal data and secret that Gatehouse knows.
public struct DetectionRedactor: ContentRedactor {
    private let detector = RecognizerDetector(
        recognizers: SecretKind.allCases.map(Recognizer.recognizer(for:))
            + PIIKind.allCases.map(Recognizer.recognizer(for:))
    )

    /// Creates the redactor.
    public init() {}

    /// The text with every match replaced, and each label that was masked once, in order of first appearance.
    public func redact(_ text: String) throws -> (text: String, labels: [String]) {
        let matches = try detector.matches(in: text)
        var labels: [String] = []
        for match in matches where !labels.contains(match.label) { labels.append(match.label) }
        return (text.replacing(matches), labels)
    }
}
