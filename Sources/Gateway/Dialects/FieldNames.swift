import Moderation

/// The names that an API gives its fields.
///
/// Any other key of a document is the sender's own word, and a record must not show it.
public struct FieldNames: Sendable, Hashable, ExpressibleByArrayLiteral {
    private let names: Set<String>

    /// Creates a list of names.
    public init(_ names: Set<String>) { self.names = names }

    /// Creates a list of names.
    public init(arrayLiteral elements: String...) { names = Set(elements) }

    /// A JSON pointer as a record shows it: `*` in place of each step that is neither a known name nor an index.
    func shown(_ pointer: String) -> String {
        let steps = pointer.split(separator: "/", omittingEmptySubsequences: false)
        // What comes before the first slash is no step.
        if steps.dropFirst().allSatisfy(isShown) { return pointer }
        return (steps.prefix(1) + steps.dropFirst().map { isShown($0) ? $0 : "*" }).joined(separator: "/")
    }

    private func isShown(_ step: Substring) -> Bool { isIndex(step) || names.contains(String(step)) }

    /// Six digits are more elements than a body holds, and fewer than anyone's number.
    private func isIndex(_ step: Substring) -> Bool {
        (1...6).contains(step.utf8.count)
            && step.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

extension Decision {
    /// Most fields that one decision lists.
    private static let mostFields = 1_000

    /// The decision as a record shows it: no key that the sender chose, and no longer a list of fields than anyone reads.
    func shown(by names: FieldNames) -> Decision {
        var shown = self
        // Three places are left for what the rest comes to, one for each state.
        let isLong = coverage.count > Self.mostFields
        shown.coverage = (isLong ? coverage[..<(Self.mostFields - 3)] : coverage[...]).map { entry in
            var entry = entry
            entry.pointer = names.shown(entry.pointer)
            return entry
        }
        guard isLong else { return shown }
        let rest = coverage[(Self.mostFields - 3)...]
        for state in [Coverage.State.scanned, .context, .skipped] {
            let entries = rest.filter { $0.state == state }
            guard !entries.isEmpty else { continue }
            shown.coverage.append(
                Coverage(
                    pointer: "/*",
                    kind: state == .skipped ? .unknown : .text,
                    state: state,
                    reason: state == .scanned ? nil : "\(entries.count) more fields",
                    bytes: entries.reduce(0) { $0 + $1.bytes }
                )
            )
        }
        return shown
    }
}
