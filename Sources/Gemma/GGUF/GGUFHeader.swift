import Kernels

/// The header of a GGUF file while it is being parsed.
struct GGUFHeader {
    let file: MappedFile
    private(set) var version = 0
    private(set) var values: [String: GGUFValue] = [:]
    private(set) var tensors: [GGUFTensor] = []
    private(set) var indices: [String: Int] = [:]

    /// Arrays of arrays deeper than this are refused.
    private static let deepestArray = 4
    /// Extents per tensor that the format allows.
    private static let mostDimensions = 4
    private static let largestAlignment = 1 << 20
    /// Fewest bytes a key-value pair takes: key length, kind, one byte of value.
    private static let smallestPairBytes = 13
    /// Fewest bytes a tensor entry takes: name length, dimension count, one extent, type, offset.
    private static let smallestTensorBytes = 32

    private var cursor: ByteCursor

    init(file: MappedFile) {
        self.file = file
        self.cursor = ByteCursor(file.bytes)
    }

    mutating func parse() throws(GemmaError) {
        let magic = try cursor.integer(UInt32.self, "magic number")
        guard magic == 0x4655_4747 else {
            throw .malformedFile(offset: 0, found: "the magic number 0x\(String(magic, radix: 16))", expected: "'GGUF'")
        }
        let version = try cursor.integer(UInt32.self, "version")
        guard version == 2 || version == 3 else {
            let isBigEndian = version.byteSwapped == 2 || version.byteSwapped == 3
            throw .malformedFile(
                offset: 4,
                found: isBigEndian ? "a big-endian file" : "version \(version)",
                expected: "version 2 or 3, little-endian"
            )
        }
        self.version = Int(version)
        let tensorCount = try cursor.count(upTo: cursor.remaining / Self.smallestTensorBytes, "tensor count")
        let pairCount = try cursor.count(upTo: cursor.remaining / Self.smallestPairBytes, "metadata count")
        try parsePairs(pairCount)
        try parseTensors(tensorCount)
    }

    private mutating func parsePairs(_ count: Int) throws(GemmaError) {
        values.reserveCapacity(min(count, 1024))
        for _ in 0..<count {
            let start = cursor.offset
            let key = try cursor.string("metadata key")
            let value = try parseValue()
            guard values.updateValue(value, forKey: key) == nil else {
                throw .malformedFile(offset: start, found: "the key '\(key)' again", expected: "each key once")
            }
        }
    }

    private mutating func parseType() throws(GemmaError) -> GGUFValueType {
        let start = cursor.offset
        let raw = try cursor.integer(UInt32.self, "value kind")
        guard let type = GGUFValueType(rawValue: raw) else {
            throw .malformedFile(offset: start, found: "value kind \(raw)", expected: "a kind of 0...12")
        }
        return type
    }

    private mutating func parseValue() throws(GemmaError) -> GGUFValue {
        switch try parseType() {
        case .uint8: .unsigned(UInt64(try cursor.integer(UInt8.self, "value")))
        case .int8: .signed(Int64(try cursor.integer(Int8.self, "value")))
        case .uint16: .unsigned(UInt64(try cursor.integer(UInt16.self, "value")))
        case .int16: .signed(Int64(try cursor.integer(Int16.self, "value")))
        case .uint32: .unsigned(UInt64(try cursor.integer(UInt32.self, "value")))
        case .int32: .signed(Int64(try cursor.integer(Int32.self, "value")))
        case .uint64: .unsigned(try cursor.integer(UInt64.self, "value"))
        case .int64: .signed(try cursor.integer(Int64.self, "value"))
        case .float32: .float(Double(Float(bitPattern: try cursor.integer(UInt32.self, "value"))))
        case .float64: .float(Double(bitPattern: try cursor.integer(UInt64.self, "value")))
        case .bool: .bool(try cursor.integer(UInt8.self, "value") != 0)
        case .string: .string(try cursor.string("text value"))
        case .array: .array(try parseArray(depth: 1))
        }
    }

    private mutating func parseArray(depth: Int) throws(GemmaError) -> GGUFArray {
        guard depth <= Self.deepestArray else {
            throw .malformedFile(
                offset: cursor.offset,
                found: "an array at depth \(depth)",
                expected: "a depth of at most \(Self.deepestArray)"
            )
        }
        let type = try parseType()
        let smallestBytes = type.byteCount ?? (type == .string ? 8 : 12)
        let count = try cursor.count(upTo: (cursor.remaining - 8) / smallestBytes, "array length")
        let start = cursor.offset
        if let bytes = type.byteCount {
            try cursor.skip(count * bytes, "array elements")
        } else if type == .string {
            for _ in 0..<count {
                _ = try cursor.stringRange("array element")
            }
        } else {
            for _ in 0..<count {
                _ = try parseArray(depth: depth + 1)
            }
        }
        return GGUFArray(elementType: type, count: count, range: start..<cursor.offset, file: file)
    }

    private mutating func parseTensors(_ count: Int) throws(GemmaError) {
        struct Entry {
            let name: String
            let shape: [Int]
            let type: TensorType
            let bytes: Int
            let relativeOffset: Int
        }
        var entries: [Entry] = []
        entries.reserveCapacity(min(count, 4096))
        for index in 0..<count {
            let start = cursor.offset
            let name = try cursor.string("tensor name")
            guard indices.updateValue(index, forKey: name) == nil else {
                throw .malformedFile(offset: start, found: "the tensor '\(name)' again", expected: "each tensor once")
            }
            let shape = try parseShape(name)
            let rawType = try cursor.integer(UInt32.self, "tensor type")
            guard let type = TensorType(rawValue: rawType) else {
                let known = TensorType.allCases.map { "\($0)" }.joined(separator: ", ")
                throw .invalidTensor(name: name, found: "of type number \(rawType)", expected: "one of \(known)")
            }
            let bytes = try byteCount(name, shape, type)
            let offset = try cursor.count(upTo: file.bytes.count, "offset of tensor '\(name)'")
            entries.append(Entry(name: name, shape: shape, type: type, bytes: bytes, relativeOffset: offset))
        }
        guard !entries.isEmpty else { return }
        let alignment = try parseAlignment()
        let dataStart = (cursor.offset + alignment - 1) / alignment * alignment
        tensors.reserveCapacity(entries.count)
        for entry in entries {
            guard entry.relativeOffset % alignment == 0 else {
                throw .invalidTensor(
                    name: entry.name,
                    found: "at offset \(entry.relativeOffset)",
                    expected: "at a multiple of \(alignment)"
                )
            }
            // No overflow: every term is at most the file's size, or `largestAlignment`.
            let offset = dataStart + entry.relativeOffset
            guard offset <= file.bytes.count, entry.bytes <= file.bytes.count - offset else {
                throw .invalidTensor(
                    name: entry.name,
                    found: "\(entry.bytes) bytes at byte \(offset)",
                    expected: "inside the file of \(file.bytes.count) bytes; is it cut off?"
                )
            }
            tensors.append(
                GGUFTensor(
                    name: entry.name,
                    shape: entry.shape,
                    type: entry.type,
                    offset: offset,
                    byteCount: entry.bytes
                )
            )
        }
    }

    private mutating func parseShape(_ name: String) throws(GemmaError) -> [Int] {
        let dimensions = try cursor.integer(UInt32.self, "dimension count")
        guard (1...Self.mostDimensions).contains(Int(dimensions)) else {
            throw .invalidTensor(
                name: name,
                found: "of \(dimensions) dimensions",
                expected: "1...\(Self.mostDimensions) dimensions"
            )
        }
        var shape: [Int] = []
        for _ in 0..<dimensions {
            let extent = try cursor.integer(UInt64.self, "extent")
            guard extent >= 1, let extent = Int(exactly: extent) else {
                throw .invalidTensor(name: name, found: "of extent \(extent)", expected: "extents of at least 1")
            }
            shape.append(extent)
        }
        return shape
    }

    /// Bytes of a tensor: whole blocks in every row, and no more elements than could be addressed.
    private func byteCount(_ name: String, _ shape: [Int], _ type: TensorType) throws(GemmaError) -> Int {
        guard shape[0] % type.blockElements == 0 else {
            throw .invalidTensor(
                name: name,
                found: "of \(shape[0]) columns in \(type)",
                expected: "a multiple of \(type.blockElements) columns"
            )
        }
        var bytes = shape[0] / type.blockElements
        for factor in shape.dropFirst() + [type.blockBytes] {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: factor)
            guard !overflow else {
                throw .invalidTensor(name: name, found: "of shape \(shape)", expected: "a size that fits in 63 bits")
            }
            bytes = product
        }
        return bytes
    }

    private func parseAlignment() throws(GemmaError) -> Int {
        let key = "general.alignment"
        guard let alignment = try GGUFMetadata(values).integer(key) else { return 32 }
        guard alignment >= 1, alignment <= Self.largestAlignment, alignment & (alignment - 1) == 0 else {
            throw .invalidMetadata(
                key: key,
                found: "\(alignment)",
                expected: "a power of two up to \(Self.largestAlignment)"
            )
        }
        return alignment
    }
}
