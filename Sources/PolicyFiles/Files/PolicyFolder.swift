internal import Foundation
internal import Moderation

/// A place that names a file.
struct FileReference {
    /// Where the name stands.
    var location: SourceLocation
    /// Which value it is.
    var keyPath: String
}

/// Finds and reads the files of a policy.
struct PolicyFolder {
    /// The largest file that is read, in bytes.
    static let maximumFileBytes = 1_048_576
    /// The most files of one policy, with those that it extends.
    static let maximumFiles = 200

    let problems: ProblemList
    /// What names the file; nil for the one that the user gave.
    var reference: FileReference?

    /// The texts of a file, or of the policy files of a folder; what can't be read has been told and is left out.
    func texts(at path: String) -> [(file: String, text: String)] {
        files(at: path).compactMap { file in text(at: file).map { (file, $0) } }
    }

    /// The path of a file, or of the `*.yaml` and `*.yml` files of a folder in order of name (subfolders are not entered).
    func files(at path: String) -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            report(
                .unreadableFile,
                path,
                "there is no such file or folder",
                help: "give a policy file, or a folder of *.yaml files"
            )
            return []
        }
        guard isFolder.boolValue else { return [path] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).filter(Self.isPolicyFile).sorted()
        } catch {
            report(.unreadableFile, path, "the folder can't be read", help: "check its permissions")
            return []
        }
        guard names.count <= Self.maximumFiles else {
            let message = "the folder has \(names.count) policy files; at most \(Self.maximumFiles) are read"
            report(.tooLarge, path, message, help: "put rules together in fewer files")
            return []
        }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        let files = names.map { prefix + $0 }.filter { file in
            FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) && !isFolder.boolValue
        }
        if files.isEmpty {
            let message = "the folder has no *.yaml or *.yml file"
            report(.emptyFolder, path, message, help: "put a policy file there, or name a folder that has one")
        }
        return files
    }

    /// Whether there is a folder.
    func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Whether a name is one of a policy file.
    static func isPolicyFile(_ name: String) -> Bool {
        !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
    }

    /// Tells a problem where the file is named, or in the file where only the user named it.
    private func report(_ code: PolicyDiagnosticCode, _ path: String, _ message: String, help: String) {
        if let reference {
            problems.add(code, at: reference.location, path: reference.keyPath, "\(path): \(message)", help: help)
        } else {
            problems.add(code, at: SourceLocation(file: path, line: 1, column: 1), message, help: help)
        }
    }

    /// The text of a file without a byte order mark; nil, which has then been told, when it can't be read.
    func text(at path: String) -> String? {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: target)
        guard let attributes else {
            report(.unreadableFile, path, "there is no such file", help: "check the name and its folder")
            return nil
        }
        // Reading a pipe or a device could wait for ever.
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            report(.unreadableFile, path, "not a regular file", help: "give a file, or a folder of *.yaml files")
            return nil
        }
        if let size = attributes[.size] as? Int, size > Self.maximumFileBytes {
            let message = "the file has \(size) bytes; at most \(Self.maximumFileBytes) are read"
            report(.tooLarge, path, message, help: "split it into several files")
            return nil
        }
        guard let data = FileManager.default.contents(atPath: target), data.count <= Self.maximumFileBytes else {
            report(.unreadableFile, path, "the file can't be read", help: "check its permissions")
            return nil
        }
        let bytes = [UInt8](data)
        guard var text = String(validating: bytes, as: UTF8.self) else {
            let (line, column) = firstInvalidPlace(in: bytes)
            let place = SourceLocation(file: path, line: line, column: column)
            problems.add(.notUTF8, at: place, "the file is not UTF-8", help: "save it as UTF-8")
            return nil
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        return text
    }

    private func firstInvalidPlace(in bytes: [UInt8]) -> (line: Int, column: Int) {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var (line, column) = (1, 1)
        while case .valid(let encoded) = parser.parseScalar(from: &iterator) {
            if Unicode.UTF8.decode(encoded) == "\n" {
                (line, column) = (line + 1, 1)
            } else {
                column += 1
            }
        }
        return (line, column)
    }
}
