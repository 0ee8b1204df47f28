public import Foundation
import Synchronization

/// Where log lines go.
public struct LogOutput: Sendable {
    /// Writes one line; the line feed is not part of it.
    ///
    /// May be called from any thread.
    public let write: @Sendable (_ line: String) -> Void

    /// Creates an output.
    public init(write: @escaping @Sendable (_ line: String) -> Void) {
        self.write = write
    }

    /// The standard error stream, one line at a time, unbuffered.
    ///
    /// A stream that can't be written loses the line: there is nowhere else to say so.
    public static let standardError = LogOutput(handle: .standardError)

    /// A file handle, one line at a time.
    public init(handle: FileHandle) {
        let lock = Mutex(())
        self.init { line in
            let data = Data((line + "\n").utf8)
            lock.withLock { _ in try? handle.write(contentsOf: data) }
        }
    }
}

/// Times as logs print them.
enum LogTime {
    /// `2026-01-31T14:30:05.123Z` (RFC 3339).
    static func full(_ date: Date) -> String {
        // A little on top of the rounded millisecond, since the style cuts off.
        let rounded = Date(timeIntervalSince1970: (date.timeIntervalSince1970 * 1000).rounded() / 1000 + 0.0001)
        return rounded.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
