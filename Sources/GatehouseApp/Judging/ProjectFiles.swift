import Foundation

/// Finds files that come with the program: in the working folder, beside the executable's checkout, or where it is
/// installed (`PREFIX/bin/gatehouse` with `PREFIX/share/gatehouse`).
enum ProjectFiles {
    /// The first place where `name` exists; nil when there is none.
    static func locate(_ name: String) -> String? {
        candidates(name).first { FileManager.default.fileExists(atPath: $0) }
    }

    /// Every place that is looked at, in order.
    static func candidates(_ name: String) -> [String] {
        var places = [name]
        guard let executable = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return places }
        var folder = executable.deletingLastPathComponent()
        places.append(folder.deletingLastPathComponent().appending(path: "share/gatehouse/" + name).path)
        // .build/<triple>/<configuration>/gatehouse stands three folders below the checkout.
        for _ in 0..<4 {
            folder.deleteLastPathComponent()
            places.append(folder.appending(path: name).path)
        }
        return places
    }
}
