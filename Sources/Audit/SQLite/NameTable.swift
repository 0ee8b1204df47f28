import GRDBSQLite

/// Gives each different text of a column a number, without making a string of those that are known.
struct NameTable {
    private var known: [[UInt8]] = []
    private var buckets: [UInt64: [Int]] = [:]
    private var last = 0

    mutating func index(_ statement: OpaquePointer, _ column: CInt, into names: inout [String]) -> Int {
        let count = Int(sqlite3_column_bytes(statement, column))
        return index(UnsafeBufferPointer(start: sqlite3_column_text(statement, column), count: count), into: &names)
    }

    /// - Parameter bytes: nil for NULL, which counts as an empty text.
    mutating func index(_ bytes: UnsafeBufferPointer<UInt8>?, into names: inout [String]) -> Int {
        let bytes = bytes ?? UnsafeBufferPointer(start: nil, count: 0)
        // Rules come in the same order in record after record.
        let next = last + 1 < known.count ? last + 1 : 0
        if next < known.count, known[next].elementsEqual(bytes) {
            last = next
            return next
        }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for index in buckets[hash] ?? [] where known[index].elementsEqual(bytes) {
            last = index
            return index
        }
        last = known.count
        known.append(Array(bytes))
        buckets[hash, default: []].append(last)
        names.append(String(decoding: bytes, as: UTF8.self))
        return last
    }
}
