public import Moderation

/// Reads policy files.
public struct PolicyLoader: Sendable {
    private let detectors: any DetectorBuilder

    /// Creates a loader.
    ///
    /// - Parameter detectors: what makes the detectors of the rules; asked whether each term and pattern can work.
    public init(detectors: any DetectorBuilder) {
        self.detectors = detectors
    }

    /// The policy of a file, or of the `*.yaml` and `*.yml` files of a folder, joined in order of name.
    ///
    /// Blocks while it reads.
    ///
    /// - Throws: ``PolicyFileError`` with every problem, when there is an error among them. Warnings alone don't throw; see
    ///   ``check(_:)``.
    public func load(_ path: String) throws(PolicyFileError) -> PolicySet {
        let report = check(path)
        guard let policy = report.policy else { throw PolicyFileError(diagnostics: report.diagnostics) }
        return policy
    }

    /// Reads a file or folder and tells everything there is to say about it.
    ///
    /// Blocks while it reads.
    public func check(_ path: String) -> PolicyReport {
        let problems = ProblemList()
        let texts = PolicyFolder(problems: problems).texts(at: path)
        return check(texts, path: path, problems: problems)
    }

    /// Checks texts that are at hand already, such as a policy being edited.
    ///
    /// - Parameter texts: the files in order, each with the name that diagnostics give it; what they extend and where their
    ///   terms are is looked up beside them.
    public func check(_ texts: [(file: String, text: String)]) -> PolicyReport {
        check(texts, path: texts.first?.file ?? "", problems: ProblemList())
    }

    private func check(_ texts: [(file: String, text: String)], path: String, problems: ProblemList) -> PolicyReport {
        let sources = PolicySources(detectors: detectors, problems: problems)
        var reader = LayerReader(sources: sources)
        reader.read(texts)
        let merged = PolicyMerger(problems: problems).merge(reader.layers)
        return PolicyReport(
            path: path,
            files: sources.files,
            termFiles: sources.termFiles,
            sources: sources.texts,
            places: merged?.places ?? PolicyPlaces(),
            policy: problems.hasErrors ? nil : merged?.policy,
            diagnostics: problems.sorted
        )
    }
}
