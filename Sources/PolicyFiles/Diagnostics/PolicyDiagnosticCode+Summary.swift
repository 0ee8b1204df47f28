extension PolicyDiagnosticCode {
    /// What it means, on one line; a page for each code is in `docs/diagnostics`.
    public var summary: String {
        switch self {
        case .unreadableFile: "a file or folder is missing or can't be read"
        case .emptyFolder: "a folder has no `*.yaml` or `*.yml` file"
        case .notUTF8: "a file is not UTF-8"
        case .tooLarge: "a file, a folder, or what its aliases expand to, is beyond the limits"
        case .syntax: "a file is not YAML"
        case .unsupportedVersion: "`version` names a format that this program doesn't read"
        case .extendsCycle: "a policy that extends itself, be it through others"
        case .unknownKey: "a key that has no meaning here"
        case .duplicateKey: "a key that is written twice in one mapping"
        case .missingKey: "a key that must be there and is not"
        case .misplacedKey: "a key that this kind of rule does not have, or that goes against another key"
        case .conflictingFiles: "two files say different things for the whole policy"
        case .wrongType: "a value of the wrong type, such as a list where text is expected"
        case .outOfRange: "a number outside its range"
        case .unknownValue: "a word that is not in the list of allowed ones"
        case .emptyList: "a list without items"
        case .emptyText: "a text without characters"
        case .invalidID: "a rule id with characters that an id can't have"
        case .duplicateRule: "two rules with one id"
        case .noDetection: "a rule that looks for nothing"
        case .severalDetections: "a rule that looks for several kinds of things"
        case .invalidDetection: "a term or pattern that can't work"
        case .thresholdOrder: "a threshold for `flag` above the one for `block`"
        case .noScreen: "a rule that says `screened: true` in a policy without a `screen`"
        case .uncalibrated: "a rule with a principle or examples whose thresholds nobody measured"
        case .unknownRule: "an override, or `disable`, that names a rule which is not there"
        case .loosensLockedRule: "a change that makes a rule of a locked policy weaker"
        case .wrongDirection: "a test in a direction that the rule doesn't judge"
        case .impossibleExpectation: "a test that expects what the rule can never answer"
        case .noTests: "a rule without tests"
        case .ruleOff: "a rule that is off"
        }
    }
}
