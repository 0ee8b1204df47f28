internal import Foundation

/// Paths of files that name each other.
enum FilePath {
    /// Where a path leads that is written in a file: relative to the file's folder, `.` and `..` resolved.
    static func resolve(_ path: String, from file: String) -> String {
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let joined = path.hasPrefix("/") ? path : file.contains("/") ? folder + "/" + path : path
        var parts: [Substring] = []
        for part in joined.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !joined.hasPrefix("/") {
                parts.append(part)
            }
        }
        let relative = parts.joined(separator: "/")
        return joined.hasPrefix("/") ? "/" + relative : relative.isEmpty ? "." : relative
    }

    /// One name for each file, however it is written.
    static func canonical(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
}
