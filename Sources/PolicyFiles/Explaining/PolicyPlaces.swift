package import Moderation

/// Where each value of a policy is written.
public struct PolicyPlaces: Sendable, Hashable {
    /// Where `reply`, `unscanned` and `screen` are written, by key.
    package var head: [String: SourceLocation] = [:]
    /// Where the keys of each rule are written, by rule id and key; `flag` and `block` stand for themselves.
    package var rules: [String: [String: SourceLocation]] = [:]
    /// The same for each override of the policy, in the order of the policy's overrides.
    package var overrides: [OverridePlaces] = []
}

/// Where each value of an override is written.
package struct OverridePlaces: Sendable, Hashable {
    /// Where `reply` and `unscanned` are written, by key.
    package var head: [String: SourceLocation] = [:]
    /// Where the keys of each change are written, by rule id and key.
    package var rules: [String: [String: SourceLocation]] = [:]
}

extension YAMLNode {
    /// Where the value of each key of a mapping stands; `flag` and `block` of thresholds too.
    var places: [String: SourceLocation] {
        guard case .mapping(let entries) = content else { return [:] }
        var places: [String: SourceLocation] = [:]
        for entry in entries {
            places[entry.key] = entry.value.location
            if entry.key == "thresholds" { places.merge(entry.value.places) { first, _ in first } }
        }
        return places
    }
}
