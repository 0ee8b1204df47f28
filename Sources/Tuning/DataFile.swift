import CZlib
import Foundation

/// Reads labelled texts: JSON lines, plain or gzip.
public enum DataFile {
    /// Every row of a file, in order.
    ///
    /// - Parameters:
    ///   - path: a `.jsonl` or `.jsonl.gz` file; gzip is told by its content, not by its name.
    ///   - limit: at most so many rows.
    /// - Throws: ``TuningError`` naming the file and line.
    public static func rows(path: String, limit: Int? = nil) throws(TuningError) -> [DataRow] {
        guard let file = gzopen(path, "rb") else {
            throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
        }
        defer { gzclose(file) }
        gzbuffer(file, 1 << 18)
        let decoder = JSONDecoder()
        var rows: [DataRow] = []
        var line = Data()
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        var number = 0
        while limit.map({ rows.count < $0 }) ?? true {
            guard gzgets(file, &buffer, Int32(buffer.count)) != nil else { break }
            line.append(contentsOf: buffer.prefix { $0 != 0 }.lazy.map(UInt8.init(bitPattern:)))
            guard line.last == UInt8(ascii: "\n") || gzeof(file) != 0 else { continue }
            number += 1
            defer { line.removeAll(keepingCapacity: true) }
            guard line.contains(where: { $0 > UInt8(ascii: " ") }) else { continue }
            do {
                rows.append(try decoder.decode(DataRow.self, from: line))
            } catch {
                throw .malformedRow(path: path, line: number)
            }
        }
        var status: Int32 = 0
        _ = gzerror(file, &status)
        guard status == Z_OK || status == Z_STREAM_END else {
            throw .unreadableFile(path: path, reason: "the gzip data is damaged after line \(number)")
        }
        return rows
    }
}

/// Why labelled texts could not be used.
public enum TuningError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file can't be opened or is damaged.
    case unreadableFile(path: String, reason: String)
    /// A line is not a row of the data format.
    case malformedRow(path: String, line: Int)

    /// What was found, and what was expected.
    public var description: String {
        switch self {
        case .unreadableFile(let path, let reason):
            "can't read '\(path)': \(reason)"
        case .malformedRow(let path, let line):
            "\(path):\(line): not a row of the data format; "
                + "expected one JSON object a line with id, kind, text, labels and unsafe"
        }
    }
}
