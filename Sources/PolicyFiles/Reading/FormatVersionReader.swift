internal import Moderation

/// Reads the version of a file's format.
struct FormatVersionReader {
    let problems: ProblemList

    /// A file of another version is not read further: its keys may mean something else.
    func isKnown(_ root: YAMLNode) -> Bool {
        guard case .mapping(let entries) = root.content,
            let version = entries.first(where: { $0.key == "version" })?.value
        else { return true }
        guard case .number(let number) = version.content else {
            problems.add(
                .wrongType,
                at: version.location,
                path: "version",
                "expected a number, found \(version.kind)",
                help: "write 'version: 1'"
            )
            return true
        }
        guard number == Double(PolicyFormat.version) else {
            problems.add(
                .unsupportedVersion,
                at: version.location,
                path: "version",
                "version \(version.raw) is not supported; this program reads version 1",
                help: "write 'version: 1', or use a newer program"
            )
            return false
        }
        return true
    }
}
