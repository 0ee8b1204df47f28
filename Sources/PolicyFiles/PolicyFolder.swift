internal import Foundation
internal import Moderation

/// Finds and reads the files of a policy.
struct PolicyFolder {
    /// The largest file that is read, in bytes.
    static let maximumFileBytes = 1_048_576
    /// The most files in one folder.
    static let maximumFiles = 200

    let problems: ProblemList

    /// The texts of a file, or of the `*.yaml` and `*.yml` files of a folder in order of name (subfolders are not entered);
    /// what can't be read has been told and is left out.
    func texts(at path: String) -> [(file: String, text: String)] {
        var isFolder: ObjCBool = false
        let place = SourceLocation(file: path, line: 1, column: 1)
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            problems.add(
                .unreadableFile,
                at: place,
                "there is no such file or folder",
                help: "give a policy file, or a folder of *.yaml files"
            )
            return []
        }
        guard isFolder.boolValue else { return text(at: path).map { [(path, $0)] } ?? [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).filter(isPolicyFile).sorted()
        } catch {
            problems.add(.unreadableFile, at: place, "the folder can't be read", help: "check its permissions")
            return []
        }
        guard names.count <= Self.maximumFiles else {
            let message = "the folder has \(names.count) policy files; at most \(Self.maximumFiles) are read"
            problems.add(.tooLarge, at: place, message, help: "put rules together in fewer files")
            return []
        }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        let files = names.map { prefix + $0 }.filter { file in
            FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) && !isFolder.boolValue
        }
        if files.isEmpty {
            let message = "the folder has no *.yaml or *.yml file"
            problems.add(
                .emptyFolder,
                at: place,
                message,
                help: "put a policy file there, or name a folder that has one"
            )
        }
        return files.compactMap { file in text(at: file).map { (file, $0) } }
    }

    private func isPolicyFile(_ name: String) -> Bool {
        !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
    }

    private func text(at path: String) -> String? {
        let place = SourceLocation(file: path, line: 1, column: 1)
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: target)
        // Reading a pipe or a device could wait for ever.
        guard let attributes, attributes[.type] as? FileAttributeType == .typeRegular else {
            problems.add(
                .unreadableFile,
                at: place,
                "not a regular file",
                help: "give a file, or a folder of *.yaml files"
            )
            return nil
        }
        if let size = attributes[.size] as? Int, size > Self.maximumFileBytes {
            let message = "the file has \(size) bytes; at most \(Self.maximumFileBytes) are read"
            problems.add(.tooLarge, at: place, message, help: "split it into several files")
            return nil
        }
        guard let data = FileManager.default.contents(atPath: target), data.count <= Self.maximumFileBytes else {
            problems.add(.unreadableFile, at: place, "the file can't be read", help: "check its permissions")
            return nil
        }
        let bytes = [UInt8](data)
        guard var text = String(validating: bytes, as: UTF8.self) else {
            let (line, column) = firstInvalidPlace(in: bytes)
            problems.add(
                .notUTF8,
                at: SourceLocation(file: path, line: line, column: column),
                "the file is not UTF-8",
                help: "save it as UTF-8"
            )
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
