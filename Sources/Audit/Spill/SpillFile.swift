import Foundation
import Synchronization

/// Records that the store could not take, in a file beside it, until it can.
///
/// One record is one line of JSON, reduced to what is to be kept. There is a file only while it holds records.
final class SpillFile: Sendable {
    let path: String
    /// Whether records may be added; a file that is there already is replayed anyway.
    private let isOpen: Bool
    private let lines: Mutex<Int>

    /// Records that are read back at a time.
    private static let batchLimit = 256

    /// Looks for the file; what a crash left of a line that nobody was told of is cut off.
    ///
    /// - Throws: ``AuditError/damagedSpill(path:line:)``.
    init(path: String, isOpen: Bool) throws(AuditError) {
        self.path = path
        self.isOpen = isOpen
        guard let data = FileManager.default.contents(atPath: path) else {
            lines = Mutex(0)
            return
        }
        let whole = data.lastIndex(of: Self.lineFeed).map { data[...$0] } ?? Data()
        let rows = whole.split(separator: Self.lineFeed)
        for (place, row) in rows.enumerated() {
            guard (try? Self.record(row)) != nil else { throw .damagedSpill(path: path, line: place + 1) }
        }
        lines = Mutex(rows.count)
        do {
            if whole.count < data.count { try Self.change(path) { try $0.truncate(atOffset: UInt64(whole.count)) } }
            if rows.isEmpty { try FileManager.default.removeItem(atPath: path) }
        } catch {
            throw .notWritable(path: path)
        }
    }

    /// How many records wait.
    var count: Int { lines.withLock { $0 } }

    /// Adds records after those that wait; returns when they are on disk.
    ///
    /// - Returns: whether they are; none of them is when not.
    func append(_ records: [StoredRecord]) -> Bool {
        guard isOpen else { return false }
        return lines.withLock { count in
            let isNew = count == 0
            guard let bytes = try? records.map(Self.line).reduce(Data(), +),
                !isNew || (try? KeyFile.create(path, text: "")) != nil
            else { return false }
            do {
                try Self.change(path) { handle in try Self.write(bytes, atEndOf: handle) }
                count += records.count
                return true
            } catch {
                if isNew { try? FileManager.default.removeItem(atPath: path) }
                return false
            }
        }
    }

    /// Writes all, or nothing.
    private static func write(_ bytes: Data, atEndOf handle: FileHandle) throws {
        let end = try handle.seekToEnd()
        do {
            try handle.write(contentsOf: bytes)
        } catch {
            try handle.truncate(atOffset: end)
            throw error
        }
    }

    /// Gives the records back in the order in which they came, some at a time.
    ///
    /// They stay in the file until ``clear()``.
    func replay(_ body: ([StoredRecord]) throws -> Void) throws {
        let rows = try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: Self.lineFeed)
        for start in stride(from: 0, to: rows.count, by: Self.batchLimit) {
            try body(rows[start..<min(rows.count, start + Self.batchLimit)].map(Self.record))
        }
    }

    /// Overwrites the file and removes it.
    func clear() throws {
        try lines.withLock { count in
            try Self.change(path) { handle in
                let length = try handle.seekToEnd()
                try handle.seek(toOffset: 0)
                try handle.write(contentsOf: Data(count: Int(length)))
            }
            try FileManager.default.removeItem(atPath: path)
            count = 0
        }
    }

    private static let lineFeed = UInt8(ascii: "\n")

    private static func change(_ path: String, _ body: (FileHandle) throws -> Void) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        try body(handle)
        try handle.synchronize()
    }

    private static func line(_ record: StoredRecord) throws -> Data {
        Data(try StoredJSON.text(record).utf8) + [lineFeed]
    }

    private static func record(_ line: Data) throws -> StoredRecord {
        try StoredJSON.value(StoredRecord.self, from: String(decoding: line, as: UTF8.self))
    }
}
