import Foundation

/// Where things are kept between runs that can be made again: `$XDG_CACHE_HOME/gatehouse`, or `~/.cache/gatehouse`.
enum CacheFolder {
    /// The folder, found from the environment.
    static func path(environment: [String: String]) -> String {
        // The XDG specification says to ignore a relative path.
        let cache = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? NSHomeDirectory()
        return (cache ?? home + "/.cache") + "/gatehouse"
    }
}
