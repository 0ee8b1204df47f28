/// Why the settings can't be used: what was found, where, and what was expected.
public enum SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The settings file can't be read.
    case unreadableFile(path: String, reason: String)
    /// The settings file is not YAML, or not a mapping.
    case malformedFile(path: String, reason: String)
    /// A key that does not exist.
    case unknownKey(key: String, source: String, nearest: String?)
    /// A key that an entry of a list doesn't have; `noun` is what the entry is.
    case unknownEntryKey(key: String, noun: String, source: String, nearest: String?, known: [String])
    /// A value that has to be there.
    case missingValue(key: String, source: String, expected: String)
    /// A value of the wrong form.
    case invalidValue(key: String, source: String, expected: String)

    /// What was found, what was expected, what to do.
    public var description: String {
        switch self {
        case .unreadableFile(let path, let reason):
            "can't read the settings file '\(path)': \(reason)"
        case .malformedFile(let path, let reason):
            "the settings file '\(path)' is not valid: \(reason)"
        case .unknownKey(let key, let source, let nearest):
            "\(source): unknown setting '\(key)'"
                + (nearest.map { "; did you mean '\($0)'?" } ?? "; `gatehouse serve --help` lists them")
        case .unknownEntryKey(let key, let noun, let source, let nearest, let known):
            "\(source): '\(key)' is not a key of \(noun)"
                + (nearest.map { "; did you mean '\($0)'?" } ?? "; use one of: \(known.joined(separator: ", "))")
        case .missingValue(let key, let source, let expected):
            "\(source): '\(key)' is missing; expected \(expected)"
        case .invalidValue(let key, let source, let expected):
            "\(source): the value of '\(key)' is not usable; expected \(expected)"
        }
    }
}
