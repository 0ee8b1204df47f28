import Foundation
import Moderation

/// Puts other files in the place of a policy's, all at once.
///
/// They are written beside the policy first, where relative paths lead to the same files as in its place, and then change
/// names with it. What else is in the folder stays.
struct PolicySwap: Sendable {
    private let base: PolicyBase
    /// The files to be replaced, and those that replace them; paths from the base on.
    private let live: [PolicySource]
    private let new: [PolicySource]
    private let draft: String

    init(base: PolicyBase, live: [PolicySource], new: [PolicySource]) {
        self.base = base
        self.live = live
        self.new = new
        let parent = base.file == nil ? (base.folder as NSString).deletingLastPathComponent : base.folder
        let suffix = base.file.map { "." + ($0 as NSString).pathExtension } ?? ""
        draft = (parent as NSString).appendingPathComponent(".gatehouse-\(UUID().uuidString.prefix(8))\(suffix)")
    }

    /// Writes the files beside the policy.
    ///
    /// Blocks on the file system.
    ///
    /// - Returns: the path that they can be loaded from.
    func write() throws -> String {
        do {
            if base.file == nil { try writeFolder() } else { try writeFile() }
        } catch let error as PolicyProblem {
            throw error
        } catch {
            let parent = (draft as NSString).deletingLastPathComponent
            throw PolicyProblem(message: "nothing can be written in '\(parent)': \(Self.reason(error))")
        }
        return draft
    }

    private func writeFolder() throws {
        let files = FileManager.default
        try files.copyItem(atPath: base.folder, toPath: draft)
        for file in live where base.isOwn(file.path) && files.fileExists(atPath: path(of: file)) {
            try files.removeItem(atPath: path(of: file))
        }
        // A policy file that is there and was not read would be read now.
        for name in try files.contentsOfDirectory(atPath: draft) where name.hasSuffix(".yaml") || name.hasSuffix(".yml")
        {
            try files.removeItem(atPath: draft + "/" + name)
        }
        for file in new where base.isOwn(file.path) {
            let folder = (path(of: file) as NSString).deletingLastPathComponent
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(file.text.utf8).write(to: URL(fileURLWithPath: path(of: file)))
        }
    }

    private func writeFile() throws {
        let own = new.filter { !$0.path.contains("/") }
        guard let first = own.first, own.dropFirst().allSatisfy(isThere) else {
            throw PolicyProblem(message: "the policy in force is one file, and the other one has \(own.count)")
        }
        try Data(first.text.utf8).write(to: URL(fileURLWithPath: draft))
    }

    /// Whether a file that a policy of one file draws on stands beside the one in force too.
    private func isThere(_ file: PolicySource) -> Bool {
        (try? String(contentsOfFile: base.folder + "/" + file.path, encoding: .utf8)) == file.text
    }

    private func path(of file: PolicySource) -> String { draft + "/" + file.path }

    /// Lets the written files and the policy's change places.
    func exchange() throws {
        guard base.file == nil else {
            guard rename(draft, base.path) == 0 else { throw failure("'\(base.path)' can't be replaced") }
            return
        }
        if exchangeNames() { return }
        // Where the system can't do it in one step there is a moment without the folder.
        let old = draft + ".old"
        guard rename(base.folder, old) == 0 else {
            throw failure("'\(base.folder)' can't change its name (the root of a mounted volume can't)")
        }
        guard rename(draft, base.folder) == 0 else {
            let failure = failure("'\(base.folder)' can't be replaced")
            rename(old, base.folder)
            throw failure
        }
        try? FileManager.default.removeItem(atPath: old)
    }

    /// Lets two folders change names in one step (Linux's `renameat2`, which the C library's headers hide from Swift).
    private func exchangeNames() -> Bool {
        typealias Rename = @convention(c) (CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt) -> CInt
        let exchange: CUnsignedInt = 2  // RENAME_EXCHANGE, linux/fs.h
        guard let symbol = dlsym(nil, "renameat2") else { return false }
        return unsafeBitCast(symbol, to: Rename.self)(AT_FDCWD, draft, AT_FDCWD, base.folder, exchange) == 0
    }

    /// Takes away what was written and is not in its place.
    func clear() { try? FileManager.default.removeItem(atPath: draft) }

    private func failure(_ what: String) -> PolicyProblem {
        PolicyProblem(message: "\(what): \(String(cString: strerror(errno)))")
    }

    private static func reason(_ error: any Error) -> String {
        let error = error as NSError
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        return cause.localizedDescription
    }
}
