/// Kinds of problems; ``summary`` says what each means.
///
/// Raw values are stable: programs may compare them.
public enum PolicyDiagnosticCode: String, Sendable, Codable, Hashable, CaseIterable {
    // MARK: Files

    case unreadableFile = "unreadable-file"
    case emptyFolder = "empty-folder"
    case notUTF8 = "not-utf-8"
    case tooLarge = "too-large"
    case syntax
    case unsupportedVersion = "unsupported-version"
    case extendsCycle = "extends-cycle"

    // MARK: Keys and values

    case unknownKey = "unknown-key"
    case duplicateKey = "duplicate-key"
    case missingKey = "missing-key"
    case misplacedKey = "misplaced-key"
    case conflictingFiles = "conflicting-files"
    case wrongType = "wrong-type"
    case outOfRange = "out-of-range"
    case unknownValue = "unknown-value"
    case emptyList = "empty-list"
    case emptyText = "empty-text"

    // MARK: Rules

    case invalidID = "invalid-id"
    case duplicateRule = "duplicate-rule"
    case noDetection = "no-detection"
    case severalDetections = "several-detections"
    case invalidDetection = "invalid-detection"
    case thresholdOrder = "threshold-order"
    case noScreen = "no-screen"
    case uncalibrated

    // MARK: Overrides

    case unknownRule = "unknown-rule"
    case loosensLockedRule = "loosens-locked-rule"

    // MARK: Tests

    case wrongDirection = "wrong-direction"
    case impossibleExpectation = "impossible-expectation"
    case noTests = "no-tests"
    case ruleOff = "rule-off"
}
