/// Kinds of problems.
///
/// Raw values are stable: programs may compare them.
public enum PolicyDiagnosticCode: String, Sendable, Codable, Hashable, CaseIterable {
    // MARK: Files

    /// A file or folder is missing or can't be read.
    case unreadableFile = "unreadable-file"
    /// A folder has no `*.yaml` or `*.yml` file.
    case emptyFolder = "empty-folder"
    /// A file is not UTF-8.
    case notUTF8 = "not-utf-8"
    /// A file, a folder, or what its aliases expand to, is beyond the limits.
    case tooLarge = "too-large"
    /// A file is not YAML.
    case syntax
    /// `version` names a format that this program doesn't read.
    case unsupportedVersion = "unsupported-version"
    /// A policy that extends itself, be it through others.
    case extendsCycle = "extends-cycle"

    // MARK: Keys and values

    /// A key that has no meaning here.
    case unknownKey = "unknown-key"
    /// A key that is written twice in one mapping.
    case duplicateKey = "duplicate-key"
    /// A key that must be there and is not.
    case missingKey = "missing-key"
    /// A key that this kind of rule does not have, or that goes against another key.
    case misplacedKey = "misplaced-key"
    /// Two files say different things for the whole policy.
    case conflictingFiles = "conflicting-files"
    /// A value of the wrong type, such as a list where text is expected.
    case wrongType = "wrong-type"
    /// A number outside its range.
    case outOfRange = "out-of-range"
    /// A word that is not in the list of allowed ones.
    case unknownValue = "unknown-value"
    /// A list without items.
    case emptyList = "empty-list"
    /// A text without characters.
    case emptyText = "empty-text"

    // MARK: Rules

    /// A rule id with characters that an id can't have.
    case invalidID = "invalid-id"
    /// Two rules with one id.
    case duplicateRule = "duplicate-rule"
    /// A rule that looks for nothing.
    case noDetection = "no-detection"
    /// A rule that looks for several kinds of things.
    case severalDetections = "several-detections"
    /// A term or pattern that can't work.
    case invalidDetection = "invalid-detection"
    /// A threshold for `flag` above the one for `block`.
    case thresholdOrder = "threshold-order"
    /// A rule that says `screened: true` in a policy without a `screen`.
    case noScreen = "no-screen"
    /// A rule with a principle or examples whose thresholds nobody measured (warning).
    case uncalibrated

    // MARK: Overrides

    /// An override, or `disable`, that names a rule which is not there.
    case unknownRule = "unknown-rule"
    /// A change that makes a rule of a locked policy weaker.
    case loosensLockedRule = "loosens-locked-rule"

    // MARK: Tests

    /// A test in a direction that the rule doesn't judge.
    case wrongDirection = "wrong-direction"
    /// A test that expects what the rule can never answer.
    case impossibleExpectation = "impossible-expectation"
    /// A rule without tests (warning).
    case noTests = "no-tests"
    /// A rule that is off (warning).
    case ruleOff = "rule-off"
}
