import Audit
import Synchronization

/// Lets one in at a time, and nobody wait.
final class Turnstile: Sendable {
    private let isTaken = Mutex(false)

    /// Whether the caller is in; it must leave then.
    func enter() -> Bool {
        isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
    }

    /// Lets the next one in.
    func leave() { isTaken.withLock { $0 = false } }
}

/// Rows that are found one after the other, with the records that they are of.
final class Found: Sendable {
    private let rows = Mutex((lines: [String](), entries: [AuditEntry]()))

    func add(_ line: String, _ entry: AuditEntry) {
        rows.withLock { rows in
            rows.lines.append(line)
            rows.entries.append(entry)
        }
    }

    var all: (lines: [String], entries: [AuditEntry]) { rows.withLock { $0 } }
}
