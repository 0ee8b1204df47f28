public import Moderation

/// Finds personal data by its form and, where the form has one, by its check digits; some kinds only beside words that name
/// them.
public struct PIIDetector: Detector {
    private let detector: RecognizerDetector

    /// Looks for the given kinds.
    public init(_ kinds: [PIIKind]) {
        detector = RecognizerDetector(recognizers: kinds.map(Recognizer.recognizer(for:)))
    }

    /// Every piece of personal data, labelled with the raw value of its kind.
    public func matches(in text: String) throws -> [Match] {
        try detector.matches(in: text)
    }
}

extension Recognizer {
    /// The recognizer of a kind of personal data.
    static func recognizer(for kind: PIIKind) -> Recognizer {
        switch kind {
        case .email: email
        case .phone: phone
        case .creditCard: creditCard
        case .iban: iban
        case .usSSN: usSSN
        case .ukNINO: ukNINO
        case .ipAddress: ipAddress
        case .macAddress: macAddress
        case .dateOfBirth: dateOfBirth
        case .streetAddress: streetAddress
        case .medicalRecord: medicalRecord
        case .passport: passport
        }
    }
}
