internal import Foundation

/// One policy in a chain of extensions: a file, or the files of a folder.
struct PolicyLayer {
    /// What the files say, in order of name.
    var drafts: [PolicyDraft]
    /// Which layers it extends, directly or through others.
    var bases: Set<Int>
}

/// Reads a policy and those that it extends, each once, bases first.
struct LayerReader {
    private let sources: PolicySources
    private let problems: ProblemList
    /// The layers; the policy itself last.
    private(set) var layers: [PolicyLayer] = []
    /// The files of layers that are being read.
    private var open: Set<String> = []
    /// The layer of each file that was read.
    private var finished: [String: Int] = [:]

    init(sources: PolicySources) {
        self.sources = sources
        problems = sources.problems
    }

    /// Reads texts that are at hand, and the files that they extend.
    mutating func read(_ texts: [(file: String, text: String)]) {
        _ = read(texts, reference: nil)
    }

    /// Reads one layer after its bases; nil, which has then been told, when nothing of it can be used.
    private mutating func read(_ texts: [(file: String, text: String)], reference: FileReference?) -> Int? {
        let reader = PolicyFileReader(sources: sources, problems: problems)
        let paths = texts.map { FilePath.canonical($0.file) }
        open.formUnion(paths)
        defer { open.subtract(paths) }
        let drafts = texts.compactMap { file, text in
            sources.add(text, file: file, reference: reference) ? reader.read(text, file: file) : nil
        }
        var bases: Set<Int> = []
        for draft in drafts {
            for path in draft.extends {
                for base in self.bases(path, of: draft.file) { bases.formUnion(layers[base].bases.union([base])) }
            }
        }
        guard !drafts.isEmpty else { return nil }
        layers.append(PolicyLayer(drafts: drafts, bases: bases))
        for path in paths { finished[path] = layers.count - 1 }
        return layers.count - 1
    }

    /// The layers that a path in a file leads to.
    private mutating func bases(_ path: Placed<String>, of file: String) -> Set<Int> {
        let target = FilePath.resolve(path.value.trimmingSpace(), from: file)
        let reference = FileReference(location: path.location, keyPath: path.path)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: target, isDirectory: &isFolder), !isFolder.boolValue,
            !PolicyFolder.isPolicyFile(target.split(separator: "/").last.map(String.init) ?? "")
        {
            let help = "name a *.yaml file, or a folder of them"
            problems.add(.unreadableFile, at: path.location, path: path.path, "not a policy file", help: help)
            return []
        }
        let files = PolicyFolder(problems: problems, reference: reference).files(at: target)
        var layers: Set<Int> = []
        var texts: [(file: String, text: String)] = []
        for file in files {
            let canonical = FilePath.canonical(file)
            if open.contains(canonical) {
                reportCycle(path, file: file)
                return []
            }
            if let layer = finished[canonical] {
                layers.insert(layer)
            } else if let text = PolicyFolder(problems: problems, reference: reference).text(at: file) {
                texts.append((file, text))
            }
        }
        if !texts.isEmpty, let layer = read(texts, reference: reference) { layers.insert(layer) }
        return layers
    }

    private func reportCycle(_ path: Placed<String>, file: String) {
        problems.add(
            .extendsCycle,
            at: path.location,
            path: path.path,
            "the policy extends itself: '\(file)' is being read already",
            help: "remove it; the files of a folder are one policy without extending each other"
        )
    }
}
