import Foundation

/// A folder with exported records and their manifest.
public struct ExportFolder: Sendable, Hashable {
    /// Path of the folder.
    public let path: String

    /// Names a folder; nothing is read yet.
    public init(path: String) { self.path = path }

    func file(_ name: String) -> String { (path as NSString).appendingPathComponent(name) }

    /// Makes the folder, readable by its owner only, unless it is there and empty.
    func create() throws(AuditError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .unusableExport(
                path: path,
                reason: "the folder can't be made: \((error as NSError).localizedDescription)"
            )
        }
        guard try names().isEmpty else {
            throw .unusableExport(
                path: path,
                reason: "the folder is not empty; choose another, or go on with the export in it with --resume"
            )
        }
    }

    func names() throws(AuditError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw .unusableExport(path: path, reason: "there is no such folder")
        }
    }

    func manifest() throws(AuditError) -> ExportManifest {
        guard let data = FileManager.default.contents(atPath: file(ExportManifest.name)) else {
            throw .unusableExport(path: path, reason: "there is no \(ExportManifest.name), so no export was begun here")
        }
        guard let manifest = try? ExportManifest.read(data) else {
            throw .unusableExport(path: path, reason: "\(ExportManifest.name) can't be read back; it was changed")
        }
        guard manifest.version == 1 else {
            throw .unusableExport(path: path, reason: "a newer version of the program wrote it; use that version")
        }
        return manifest
    }

    func write(_ manifest: ExportManifest) throws {
        var file = try ExportFile(file(ExportManifest.name))
        try file.write(manifest.data())
        _ = try file.finish()
    }

    /// Removes unfinished files that an interrupted export left.
    func removeRemains() throws(AuditError) {
        for name in try names() where name.hasSuffix(ExportFile.suffix) {
            do {
                try FileManager.default.removeItem(atPath: file(name))
            } catch {
                throw .unusableExport(path: file(name), reason: "it can't be removed")
            }
        }
    }
}

extension ExportFolder {
    /// Reads every part and compares it with the manifest.
    ///
    /// - Throws: ``AuditError/unusableExport(path:reason:)`` where there is no export.
    public func check() throws(AuditError) -> ExportCheck {
        let manifest = try manifest()
        var check = ExportCheck(parts: manifest.parts.count, records: manifest.records, isComplete: manifest.complete)
        check.problems = problems(manifest)
        let known = Set(manifest.parts.map(\.name) + [ExportManifest.name])
        for name in try names() where !known.contains(name) {
            let isRest = name.hasSuffix(ExportFile.suffix)
            check.problems.append(
                isRest ? "\(name) is what an interrupted export left" : "\(name) is not in the manifest"
            )
        }
        check.manifestSHA256 = ExportFile.measure(file(ExportManifest.name))?.sha256 ?? ""
        return check
    }

    /// What is wrong with the parts.
    func problems(_ manifest: ExportManifest) -> [String] {
        var problems: [String] = []
        var ends: [Int: Int] = [:]
        for part in manifest.parts {
            if part.first.sequence <= ends[part.first.chain] ?? 0 {
                problems.append("\(part.name) does not follow the part before it")
            }
            ends[part.last.chain] = part.last.sequence
            guard !part.name.contains("/"), let found = ExportFile.measure(file(part.name)) else {
                problems.append("\(part.name) is missing")
                continue
            }
            if found.bytes != part.bytes {
                problems.append("\(part.name) has \(found.bytes) bytes; expected \(part.bytes)")
            } else if found.sha256 != part.sha256 {
                problems.append("\(part.name) was changed: its SHA-256 is \(found.sha256)")
            }
        }
        return problems
    }
}

/// What was found in an exported folder.
public struct ExportCheck: Sendable, Hashable, Encodable {
    /// How many parts the manifest names.
    public var parts: Int
    /// How many records they hold.
    public var records: Int
    /// Whether the export was finished.
    public var isComplete: Bool
    /// What is not as it was written.
    public var problems: [String] = []
    /// SHA-256 of the manifest: publish it, and nobody can change a part unnoticed.
    public var manifestSHA256 = ""

    /// Whether all is there, as it was written.
    public var isSound: Bool { isComplete && problems.isEmpty }

    enum CodingKeys: String, CodingKey {
        case parts, records, problems
        case isComplete = "complete"
        case manifestSHA256 = "manifest_sha256"
    }

    /// For people; ends in a line feed.
    public var text: String {
        var lines = problems.map { "fault        " + TerminalText.line($0) }
        lines.append("records      \(records) in \(parts) parts")
        if !isComplete { lines.append("unfinished   go on with --resume") }
        lines.append("manifest     SHA-256 \(manifestSHA256)")
        if isSound { lines.append("no fault     was found") }
        return lines.joined(separator: "\n") + "\n"
    }
}
