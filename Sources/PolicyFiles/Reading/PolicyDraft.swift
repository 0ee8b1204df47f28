internal import Moderation

/// A value and where it stands.
struct Placed<Value> {
    var value: Value
    var location: SourceLocation
    var path: String
}

extension Placed: Equatable where Value: Equatable {}

/// What one file says, before the files of a policy are joined.
struct PolicyDraft {
    /// Path of the file.
    var file: String
    /// Where the document begins.
    var location: SourceLocation
    /// Whether the file says `policy`, be it in the wrong way.
    var hasName: Bool
    var name: Placed<String>?
    /// The paths of the policies that it extends, as they are written.
    var extends: [Placed<String>] = []
    /// Where it says `locked: true`.
    var locked: SourceLocation?
    var reply: Placed<String>?
    var screen: Placed<Screen>?
    var unscanned: Placed<Outcome>?
    /// Rules with the places of their values; unusable ones left out.
    var rules: [(rule: Rule, places: [String: SourceLocation])] = []
    /// Where each rule's id stands; those of unusable rules too.
    var ids: [Placed<String>] = []
    /// Where each rule says `screened: true`.
    var screened: [(location: SourceLocation, path: String)] = []
    /// Rules of extended policies that are turned off.
    var disabled: [Placed<String>] = []
    var overrides: [OverrideDraft] = []
}

/// What one override says, before its rules are looked up.
struct OverrideDraft {
    var scope: ScopePattern
    /// Where the override stands.
    var location: SourceLocation
    var reply: Placed<String>?
    var unscanned: Placed<Outcome>?
    /// Rules that are turned off.
    var disabled: [Placed<String>] = []
    /// Changes by rule id; unusable ones left out.
    var changes: [ChangeDraft] = []
}

/// What an override says of one rule.
struct ChangeDraft {
    /// The rule's id and where it stands.
    var id: Placed<String>
    var change: RuleChange
    /// Where each key's value stands.
    var places: [String: SourceLocation]

    /// The path of a key; that of a threshold leads through `thresholds`.
    func path(of key: String) -> String {
        ["flag", "block"].contains(key) ? "\(id.path).thresholds.\(key)" : "\(id.path).\(key)"
    }
}
