internal import Foundation
public import Moderation

/// Puts new values into a policy file and leaves everything else as it is: comments, order, quotes, line endings.
public struct PolicyFileEditor: Sendable {
    /// Path of the file as it was given.
    public let path: String
    private let target: String
    private let bytes: Data
    private let text: String

    private static let byteOrderMark = "\u{FEFF}"

    /// Reads a file that is to be edited.
    ///
    /// - Throws: ``PolicyEditError/unreadable(path:)``, and ``PolicyEditError/notWritable(path:reason:)`` already now, before
    ///   hard work has been done for it.
    public init(path: String) throws(PolicyEditError) {
        self.path = path
        target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let bytes = FileManager.default.contents(atPath: target),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw .unreadable(path: path) }
        self.bytes = bytes
        self.text = text
        // Asked by its permissions too: the superuser may write what is marked as not to be written.
        let mode = Self.attributes(target)?[.posixPermissions] as? Int ?? 0
        guard mode & 0o222 != 0, FileManager.default.isWritableFile(atPath: target) else {
            throw .notWritable(path: path, reason: "the file is read-only")
        }
        guard FileManager.default.isWritableFile(atPath: Self.folder(of: target)) else {
            throw .notWritable(path: path, reason: "its folder does not permit a new file")
        }
    }

    /// Writes thresholds and the note on how they were found into a rule.
    ///
    /// The file is replaced as a whole: a reader sees the old text or the new one.
    ///
    /// - Parameter thresholds: those that the rule has written; others are not added.
    /// - Throws: ``PolicyEditError``; the file is then as it was.
    public func set(_ thresholds: Thresholds, _ stamp: CalibrationStamp, ofRule id: String) throws(PolicyEditError) {
        let hasMark = text.unicodeScalars.first == "\u{FEFF}"
        let body = hasMark ? String(String.UnicodeScalarView(text.unicodeScalars.dropFirst())) : text
        let edited = try RuleTextEdit(text: body, rule: id).setting(thresholds, stamp)
        try write(Data(((hasMark ? Self.byteOrderMark : "") + edited).utf8))
    }

    /// Puts the text back that was read at first.
    public func restore() throws(PolicyEditError) { try replace(with: bytes) }

    private func write(_ data: Data) throws(PolicyEditError) {
        guard FileManager.default.contents(atPath: target) == bytes else { throw .changed(path: path) }
        try replace(with: data)
    }

    private func replace(with data: Data) throws(PolicyEditError) {
        // Policy folders leave out files whose name begins with a dot.
        let name = ".\(URL(fileURLWithPath: target).lastPathComponent).\(UUID().uuidString)"
        let temporary = Self.folder(of: target) + "/" + name
        do {
            try data.write(to: URL(fileURLWithPath: temporary), options: .withoutOverwriting)
            if let old = Self.attributes(target) {
                let kept = old.filter { $0.key == .posixPermissions }
                try FileManager.default.setAttributes(kept, ofItemAtPath: temporary)
            }
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
            try handle.synchronize()
            try handle.close()
            guard rename(temporary, target) == 0 else { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw .notWritable(path: path, reason: (error as NSError).localizedDescription)
        }
    }

    private static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    private static func attributes(_ path: String) -> [FileAttributeKey: Any]? {
        try? FileManager.default.attributesOfItem(atPath: path)
    }
}
