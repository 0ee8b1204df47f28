import Foundation

/// Which files a policy would be read from, and what tells whether they changed: length, time of change and identity.
struct FileFingerprint: Sendable, Hashable {
    private struct Mark: Sendable, Hashable {
        var size: Int
        var time: Date
        var identity: Int
    }

    private var marks: [String: Mark] = [:]

    /// Looks at a policy and at the files that it was last read from.
    ///
    /// - Parameters:
    ///   - path: the policy's file or folder.
    ///   - files: what was read; their folders are looked through for policy files too.
    init(path: String, files: [String]) {
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        var folders = Set(files.map { ($0 as NSString).deletingLastPathComponent })
        if isThere, isFolder.boolValue { folders.insert(path) }
        add(path)
        for file in files { add(file) }
        for folder in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
            for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                add((folder as NSString).appendingPathComponent(name))
            }
        }
    }

    private mutating func add(_ path: String) {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else { return }
        // A folder's time changes with every file in it, policy or not.
        let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
        marks[path] = Mark(
            size: isFolder ? 0 : attributes[.size] as? Int ?? 0,
            time: isFolder ? .distantPast : attributes[.modificationDate] as? Date ?? .distantPast,
            identity: attributes[.systemFileNumber] as? Int ?? 0
        )
    }
}
