/// Finds stretches that are written in an encoding.
///
/// Works on scalars, at one place at a time, in time that grows with the length of the stretch.
struct Encodings {
    /// A stretch and what it says.
    struct Piece {
        var range: Range<Int>
        var text: String
        /// Whether no one writes so without wanting to hide something.
        var isTrick: Bool
    }

    let units: [MappedText.Unit]

    /// Every stretch, from left to right.
    func pieces() -> [Piece] {
        var pieces: [Piece] = []
        var index = 0
        while index < units.count {
            if let piece = escaped(at: index) ?? digits(at: index) ?? base64(at: index) {
                pieces.append(piece)
                index = piece.range.upperBound
            } else {
                index = next(after: index)
            }
        }
        return pieces
    }

    /// The next place where a stretch may begin: runs of letters and digits are looked at once, from their beginning.
    private func next(after index: Int) -> Int {
        guard Self.isBase64(units[index].value) else { return index + 1 }
        var end = index
        while end < units.count, Self.isBase64(units[end].value) { end += 1 }
        return end
    }

    private func value(_ index: Int) -> UInt32 { index < units.count ? units[index].value : 0 }

    private static func isAlphanumeric(_ value: UInt32) -> Bool {
        Scalars.isASCIILetter(value) || (0x30...0x39).contains(value)
    }

    private static func isBase64(_ value: UInt32) -> Bool {
        isAlphanumeric(value) || value == 0x2B || value == 0x2F || value == 0x2D || value == 0x5F
    }

    private static func hex(_ value: UInt32) -> UInt8? {
        switch value {
        case 0x30...0x39: UInt8(value - 0x30)
        case 0x41...0x46: UInt8(value - 0x37)
        case 0x61...0x66: UInt8(value - 0x57)
        default: nil
        }
    }

    private func hexPair(at index: Int) -> UInt8? {
        guard let high = Self.hex(value(index)), let low = Self.hex(value(index + 1)) else { return nil }
        return high << 4 | low
    }

    // MARK: Escapes: %62, \x62, \u0062, &#98;

    private func escaped(at start: Int) -> Piece? {
        var bytes: [UInt8] = []
        var index = start
        var isPercent = true
        while let (escape, width) = escape(at: index) {
            bytes += escape
            isPercent = isPercent && value(index) == 0x25
            index += width
        }
        guard index > start, let text = DecodedBytes.text(bytes, isSure: true) else { return nil }
        // Only some characters need the escape; letters never do.
        let letters = text.unicodeScalars.count { Scalars.isASCIILetter($0.value) }
        let isTrick = letters >= 2 || !isPercent && letters > 0 || text == " " && isBetweenWords(start..<index)
        return Piece(range: start..<index, text: text, isTrick: isTrick)
    }

    /// Whether an escaped space stands between two words that are no part of an address.
    private func isBetweenWords(_ space: Range<Int>) -> Bool {
        guard Scalars.isASCIILetter(value(space.upperBound)) else { return false }
        var index = space.lowerBound - 1
        guard index >= 0, Scalars.isASCIILetter(units[index].value) else { return false }
        while index >= max(0, space.lowerBound - 100), !units[index].isSpace {
            if [0x2F, 0x3D, 0x3F, 0x26].contains(units[index].value) { return false }
            index -= 1
        }
        return true
    }

    private func escape(at index: Int) -> (bytes: [UInt8], width: Int)? {
        switch (value(index), value(index + 1)) {
        case (0x25, _): return hexPair(at: index + 1).map { ([$0], 3) }
        case (0x5C, 0x78): return hexPair(at: index + 2).map { ([$0], 4) }
        case (0x5C, 0x75):
            guard let high = hexPair(at: index + 2), let low = hexPair(at: index + 4),
                let scalar = Unicode.Scalar(UInt32(high) << 8 | UInt32(low))
            else { return nil }
            return (Array(String(Character(scalar)).utf8), 6)
        case (0x26, 0x23):
            let isHex = value(index + 2) | 0x20 == 0x78
            var end = index + (isHex ? 3 : 2)
            var number: UInt32 = 0
            while end < index + 10, let digit = Self.hex(value(end)), isHex || digit < 10 {
                number = number * (isHex ? 16 : 10) + UInt32(digit)
                end += 1
            }
            guard value(end) == 0x3B, number > 0, let scalar = Unicode.Scalar(number) else { return nil }
            return (Array(String(Character(scalar)).utf8), end + 1 - index)
        default: return nil
        }
    }

    // MARK: Digits: 62 6f 6d 62, 01100010 …

    private func digits(at start: Int) -> Piece? {
        guard start == 0 || !Self.isAlphanumeric(value(start - 1)), Self.hex(value(start)) != nil else { return nil }
        return binary(at: start) ?? hexadecimal(at: start)
    }

    private func binary(at start: Int) -> Piece? {
        var bytes: [UInt8] = []
        var index = start
        var end = start
        while (0..<8).allSatisfy({ value(index + $0) | 1 == 0x31 }) {
            bytes.append((0..<8).reduce(0) { $0 << 1 | UInt8(value(index + $1) & 1) })
            index += 8
            end = index
            if value(index) == 0x20 { index += 1 }
        }
        guard bytes.count >= 3, !Self.isAlphanumeric(value(end)), let text = DecodedBytes.text(bytes, isSure: false)
        else {
            return nil
        }
        return Piece(range: start..<end, text: text, isTrick: DecodedBytes.isLanguage(text))
    }

    private func hexadecimal(at start: Int) -> Piece? {
        var index = start
        if value(index) == 0x30, value(index + 1) | 0x20 == 0x78 { index += 2 }
        guard let first = hexPair(at: index) else { return nil }
        var bytes = [first]
        index += 2
        let gap = [0x20, 0x3A, 0x2D, 0x2C].contains(value(index)) ? value(index) : nil
        var end = index
        while true {
            if let gap {
                guard value(index) == gap else { break }
                index += 1
                if gap != 0x20, value(index) == 0x20 { index += 1 }
                if value(index) == 0x30, value(index + 1) | 0x20 == 0x78 { index += 2 }
            }
            guard let byte = hexPair(at: index), gap == nil || Self.hex(value(index + 2)) == nil else { break }
            bytes.append(byte)
            index += 2
            end = index
        }
        let hasLetters = units[start..<end].contains { Scalars.isASCIILetter($0.value) }
        guard bytes.count >= (hasLetters ? 4 : 8), !Self.isAlphanumeric(value(end)),
            let text = DecodedBytes.text(bytes, isSure: false)
        else { return nil }
        return Piece(range: start..<end, text: text, isTrick: DecodedBytes.isLanguage(text))
    }

    // MARK: Base64, in both alphabets

    private func base64(at start: Int) -> Piece? {
        // Short words are none, and most.
        guard (start..<start + 4).allSatisfy({ Self.isBase64(value($0)) }) else { return nil }
        var sextets: [UInt8] = []
        var index = start
        var end = start
        var lineLength = 0
        while true {
            if let sextet = Self.sextet(value(index)) {
                sextets.append(sextet)
                index += 1
                lineLength += 1
                end = index
                continue
            }
            // Long base64 is broken into lines.
            guard lineLength >= 32 else { break }
            var next = index
            if value(next) == 0x0D { next += 1 }
            guard value(next) == 0x0A, Self.sextet(value(next + 1)) != nil else { break }
            index = next + 1
            lineLength = 0
        }
        var padding = 0
        while padding < 2, value(end) == 0x3D {
            end += 1
            padding += 1
        }
        let isPadded = padding > 0 && (sextets.count + padding) % 4 == 0
        guard sextets.count >= (isPadded ? 6 : 11), sextets.count % 4 != 1 || end == units.count else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sextets.count * 3 / 4)
        for group in stride(from: 0, to: sextets.count, by: 4) {
            let four = sextets[group..<min(group + 4, sextets.count)]
            let bits = four.reduce(UInt32(0)) { $0 << 6 | UInt32($1) } << (6 * UInt32(4 - four.count))
            for byte in 0..<max(0, four.count - 1) {
                bytes.append(UInt8(truncatingIfNeeded: bits >> (16 - 8 * UInt32(byte))))
            }
        }
        guard let text = DecodedBytes.text(bytes, isSure: false) else { return nil }
        return Piece(range: start..<end, text: text, isTrick: DecodedBytes.isLanguage(text))
    }

    private static func sextet(_ value: UInt32) -> UInt8? {
        switch value {
        case 0x41...0x5A: UInt8(value - 0x41)
        case 0x61...0x7A: UInt8(value - 0x61 + 26)
        case 0x30...0x39: UInt8(value - 0x30 + 52)
        case 0x2B, 0x2D: 62
        case 0x2F, 0x5F: 63
        default: nil
        }
    }
}
