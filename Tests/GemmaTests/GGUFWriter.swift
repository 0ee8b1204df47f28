/// Writes small GGUF files, good and broken ones.
struct GGUFWriter {
    private(set) var bytes: [UInt8] = []

    /// A header that announces these counts.
    init(version: UInt32 = 3, tensors: UInt64, pairs: UInt64) {
        bytes = Array("GGUF".utf8)
        add(version)
        add(tensors)
        add(pairs)
    }

    mutating func add<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func addPair(_ key: String, string: String) {
        add(key)
        add(UInt32(8))
        add(string)
    }

    mutating func addPair(_ key: String, uint32: UInt32) {
        add(key)
        add(UInt32(4))
        add(uint32)
    }

    /// A pair that holds an array's head; the elements are to follow.
    mutating func addArrayHead(_ key: String, type: UInt32, count: UInt64) {
        add(key)
        add(UInt32(9))
        add(type)
        add(count)
    }

    mutating func addTensor(_ name: String, shape: [UInt64], type: UInt32 = 0, offset: UInt64 = 0) {
        add(name)
        add(UInt32(shape.count))
        for extent in shape { add(extent) }
        add(type)
        add(offset)
    }

    /// Zeros up to the alignment, then `count` bytes of data.
    mutating func addData(_ count: Int, alignment: Int = 32) {
        bytes.append(contentsOf: repeatElement(0, count: (alignment - bytes.count % alignment) % alignment + count))
    }
}
