import CZlib
public import Foundation

/// Reads labelled texts: JSON lines, plain or gzip.
public enum DataFile {
    /// Every row of a file, in order.
    ///
    /// - Parameters:
    ///   - path: a `.jsonl` or `.jsonl.gz` file; gzip is told by its content, not by its name.
    ///   - limit: at most so many rows.
    /// - Throws: ``TuningError`` naming the file and line.
    public static func rows(path: String, limit: Int? = nil) throws(TuningError) -> [DataRow] {
        let decoder = JSONDecoder()
        var rows: [DataRow] = []
        try read(path) { line, number throws(TuningError) in
            do {
                rows.append(try decoder.decode(DataRow.self, from: line))
            } catch {
                throw .malformedRow(path: path, line: number)
            }
            return rows.count != limit
        }
        return rows
    }

    /// Every line of a file that is not blank.
    ///
    /// - Throws: ``TuningError/unreadableFile(path:reason:)``.
    public static func lines(path: String) throws(TuningError) -> [Data] {
        var lines: [Data] = []
        try read(path) { line, _ throws(TuningError) in
            lines.append(line)
            return true
        }
        return lines
    }

    /// Gives `body` each line that is not blank, with its number from 1, until it returns false.
    private static func read(
        _ path: String,
        body: (Data, Int) throws(TuningError) -> Bool
    ) throws(TuningError) {
        guard let file = gzopen(path, "rb") else {
            throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
        }
        defer { gzclose(file) }
        gzbuffer(file, 1 << 18)
        var line = Data()
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        var number = 0
        while gzgets(file, &buffer, Int32(buffer.count)) != nil {
            line.append(contentsOf: buffer.prefix { $0 != 0 }.lazy.map(UInt8.init(bitPattern:)))
            guard line.last == UInt8(ascii: "\n") || gzeof(file) != 0 else { continue }
            number += 1
            defer { line.removeAll(keepingCapacity: true) }
            guard line.contains(where: { $0 > UInt8(ascii: " ") }) else { continue }
            guard try body(line, number) else { return }
        }
        var status: Int32 = 0
        _ = gzerror(file, &status)
        guard status == Z_OK || status == Z_STREAM_END else {
            throw .unreadableFile(path: path, reason: "the gzip data is damaged after line \(number)")
        }
    }
}
