/// Builds compact JSON; the caller writes keys in their sorted order.
struct JSONBytes {
    private var bytes: [UInt8] = []
    /// Whether the keys of a decision's parts are written in snake case; their order is the same.
    let isSnakeCase: Bool

    var text: String { String(decoding: bytes, as: UTF8.self) }

    init(isSnakeCase: Bool = false) {
        self.isSnakeCase = isSnakeCase
        bytes.reserveCapacity(2048)
    }

    mutating func open(_ bracket: Unicode.Scalar) {
        separate()
        bytes.append(UInt8(ascii: bracket))
    }

    mutating func close(_ bracket: Unicode.Scalar) { bytes.append(UInt8(ascii: bracket)) }

    /// A key of letters, digits and underscores.
    mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes += UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// A key that may have any letters.
    mutating func key(written name: String) {
        append(name)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func append(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            bytes += text.utf8
            bytes.append(UInt8(ascii: "\""))
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0..<0x10: bytes += "\\u000\(String(byte, radix: 16))".utf8
            case 0x10..<0x20: bytes += "\\u00\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func append(_ number: Double) {
        guard number.isFinite else { return append(number.isNaN ? "nan" : number < 0 ? "-inf" : "inf") }
        separate()
        let text = number.description
        bytes += text.hasSuffix(".0") ? text.utf8.dropLast(2) : text.utf8[...]
    }

    mutating func append(_ number: Int) {
        separate()
        bytes += number.description.utf8
    }

    mutating func append(_ flag: Bool) {
        separate()
        bytes += (flag ? "true" : "false").utf8
    }

    mutating func append(_ texts: [String]) { append(texts) { $0.append($1) } }

    private mutating func append<Item>(_ items: [Item], _ item: (inout JSONBytes, Item) -> Void) {
        open("[")
        for each in items { item(&self, each) }
        close("]")
    }

    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
        default: bytes.append(UInt8(ascii: ","))
        }
    }

    mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        key(name)
        append(text)
    }

    mutating func member(_ name: StaticString, _ number: Double?) {
        guard let number else { return }
        key(name)
        append(number)
    }

    mutating func member(_ name: StaticString, _ number: Int?) {
        guard let number else { return }
        key(name)
        append(number)
    }

    mutating func member(_ name: StaticString, _ flag: Bool?) {
        guard let flag else { return }
        key(name)
        append(flag)
    }

    mutating func member(_ name: StaticString, _ texts: [String]) {
        key(name)
        append(texts)
    }

    mutating func member<Item>(
        _ name: StaticString,
        _ items: [Item],
        _ item: (inout JSONBytes, Item) -> Void
    ) {
        key(name)
        append(items, item)
    }
}
