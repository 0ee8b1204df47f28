internal import Moderation

/// What one load reads: the files, and how much of them there may be.
final class PolicySources {
    /// Most bytes of all files of terms together, counted each time a rule names one.
    static let maximumTermBytes = 16 * 1_048_576

    /// Makes the detectors of the rules; asked whether each detection can work.
    let detectors: any DetectorBuilder
    /// The problems.
    let problems: ProblemList
    /// The policy files that were read, in the order in which they were met.
    private(set) var files: [String] = []
    /// The files of terms that were read.
    private(set) var termFiles: [String] = []
    /// The texts of all of them, in the order in which they were read.
    private(set) var texts: [PolicySource] = []

    private var termTexts: [String: String] = [:]
    private var termBytes = 0

    init(detectors: any DetectorBuilder, problems: ProblemList) {
        self.detectors = detectors
        self.problems = problems
    }

    /// Takes note of a policy file; false, which has been told, when there are too many.
    func add(_ text: String, file: String, reference: FileReference?) -> Bool {
        guard files.count < PolicyFolder.maximumFiles else {
            problems.add(
                .tooLarge,
                at: reference?.location ?? SourceLocation(file: file, line: 1, column: 1),
                path: reference?.keyPath ?? "",
                "the policy has more than \(PolicyFolder.maximumFiles) files, with those that it extends",
                help: "put rules together in fewer files"
            )
            return false
        }
        files.append(file)
        texts.append(PolicySource(path: file, text: text))
        return true
    }

    /// The terms of a file; nil, which has then been told, when there are none.
    ///
    /// - Parameters:
    ///   - name: its path as it is written.
    ///   - location: where that is written.
    ///   - path: which value that is.
    func terms(at name: String, from location: SourceLocation, path: String) -> TermFile? {
        guard name.hasSuffix(".txt") else {
            let help = "put one term a line into a file such as lists/en.txt"
            problems.add(.unreadableFile, at: location, path: path, "a file of terms is a *.txt file", help: help)
            return nil
        }
        let file = FilePath.resolve(name, from: location.file)
        let reference = FileReference(location: location, keyPath: path)
        guard let text = termTexts[file] ?? read(file, reference) else { return nil }
        termBytes += text.utf8.count
        guard termBytes <= Self.maximumTermBytes else {
            let message = "the files of terms have more than \(Self.maximumTermBytes) bytes together"
            problems.add(.tooLarge, at: location, path: path, message, help: "name each file in one rule only")
            return nil
        }
        let terms = TermFile(text, file: file)
        guard !terms.terms.isEmpty else {
            let place = SourceLocation(file: file, line: 1, column: 1)
            problems.add(.emptyList, at: place, "the file has no terms", help: "write one term a line")
            return nil
        }
        return terms
    }

    private func read(_ file: String, _ reference: FileReference) -> String? {
        guard let text = PolicyFolder(problems: problems, reference: reference).text(at: file) else { return nil }
        problems.register(file: file, text: text)
        termFiles.append(file)
        texts.append(PolicySource(path: file, text: text))
        termTexts[file] = text
        return text
    }
}
