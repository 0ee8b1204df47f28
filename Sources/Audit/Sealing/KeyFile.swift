import Foundation

/// A file with a secret, which only its owner may read.
package enum KeyFile {
    /// The text of the file.
    ///
    /// - Throws: ``AuditError/unusableKey(path:reason:)`` where it can't be read, or others can read it too.
    package static func read(_ path: String) throws(AuditError) -> String {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved),
            attributes[.type] as? FileAttributeType == .typeRegular
        else { throw .unusableKey(path: path, reason: "there is no such file") }
        let permissions = attributes[.posixPermissions] as? Int ?? 0o777
        guard permissions & 0o077 == 0 else {
            let mode = String(permissions, radix: 8)
            throw .unusableKey(path: path, reason: "others may read it (mode \(mode)); run: chmod 600 \(path)")
        }
        guard let text = try? String(contentsOfFile: resolved, encoding: .utf8) else {
            throw .unusableKey(path: path, reason: "it can't be read as text")
        }
        return text
    }

    /// The text that a setting names: `env:NAME` is a variable of the environment, anything else the path of a file.
    ///
    /// - Throws: ``AuditError/unusableKey(path:reason:)``.
    package static func text(setting: String, environment: [String: String]) throws(AuditError) -> String {
        guard setting.hasPrefix("env:") else { return try read(setting) }
        guard let value = environment[String(setting.dropFirst(4))] else {
            throw .unusableKey(path: setting, reason: "the variable is not set")
        }
        return value
    }

    /// Makes the file, readable by its owner only; never replaces one.
    static func create(_ path: String, text: String) throws(AuditError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else {
            throw .unusableKey(path: path, reason: "it can't be made: \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
        } catch {
            throw .unusableKey(path: path, reason: "it can't be written")
        }
    }

    /// The bytes of a PEM block or of plain base64; nil for anything else.
    static func decode(_ text: String) -> Data? {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        return Data(base64Encoded: lines.filter { !$0.hasPrefix("-----") }.joined())
    }
}
