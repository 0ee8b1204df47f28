internal import Moderation

/// Text on its way to another reading: Unicode scalars that know where they came from.
struct MappedText: Sendable {
    /// What was done to a scalar.
    struct Change: OptionSet, Sendable {
        let rawValue: UInt8

        /// Stands for a compatibility form of a letter: wide, bold, circled.
        static let styled = Change(rawValue: 1)
        /// Stood behind characters that nobody sees.
        static let unseen = Change(rawValue: 2)
        /// Carried marks that no language puts there.
        static let unmarked = Change(rawValue: 4)
        /// Was another script's letter that looks the same.
        static let lookAlike = Change(rawValue: 8)
    }

    /// One Unicode scalar.
    struct Unit: Sendable, Hashable {
        /// The scalar.
        var value: UInt32
        /// UTF-8 offset in the text that it came from; it reaches up to the next larger one.
        var start: Int32
        /// What was done to it.
        var change: UInt8 = 0

        var isLetter: Bool { Scalars.isLetter(value) }
        var isDigit: Bool { (0x30...0x39).contains(value) }
        var isSpace: Bool { Scalars.isSpace(value) }
    }

    /// The scalars; their starts never fall.
    var units: [Unit] = []
    /// UTF-8 length of the text that it came from.
    var end = 0

    /// The scalars as text.
    var text: String {
        var text = String.UnicodeScalarView()
        for unit in units { if let scalar = Unicode.Scalar(unit.value) { text.append(scalar) } }
        return String(text)
    }

    /// The text as a reading.
    func reading(_ kind: Reading.Kind, isForModel: Bool) -> Reading {
        let text = text
        var offsets: [Int] = []
        offsets.reserveCapacity(text.utf8.count + 1)
        for unit in units {
            guard let scalar = Unicode.Scalar(unit.value) else { continue }
            for _ in 0..<UTF8.width(scalar) { offsets.append(Int(unit.start)) }
        }
        offsets.append(end)
        return Reading(kind: kind, text: text, isForModel: isForModel, offsets: offsets)
    }

    /// Whether it says, scalar for scalar, what another says.
    func says(theSameAs other: MappedText) -> Bool {
        units.count == other.units.count && zip(units, other.units).allSatisfy { $0.value == $1.value }
    }

    /// Whether it says, scalar for scalar, what a text says.
    func says(theSameAs text: String) -> Bool {
        units.lazy.map(\.value).elementsEqual(text.unicodeScalars.lazy.map(\.value))
    }
}

/// What readings want to know of a Unicode scalar.
enum Scalars {
    static func isLetter(_ value: UInt32) -> Bool {
        if value < 0x80 { return isASCIILetter(value) }
        return Unicode.Scalar(value)?.properties.isAlphabetic ?? false
    }

    static func isASCIILetter(_ value: UInt32) -> Bool {
        (0x61...0x7A).contains(value) || (0x41...0x5A).contains(value)
    }

    static func isSpace(_ value: UInt32) -> Bool {
        if value < 0x80 { return value == 0x20 || (0x09...0x0D).contains(value) }
        return Unicode.Scalar(value)?.properties.isWhitespace ?? false
    }

    static func isVowel(_ value: UInt32) -> Bool {
        switch lowercased(value) {
        case 0x61, 0x65, 0x69, 0x6F, 0x75, 0x79: true
        default: false
        }
    }

    /// The lower case of an ASCII letter; anything else as it is.
    static func lowercased(_ value: UInt32) -> UInt32 { (0x41...0x5A).contains(value) ? value + 0x20 : value }

    static func isLatin(_ value: UInt32) -> Bool {
        switch value {
        case 0x41...0x5A, 0x61...0x7A, 0xAA, 0xBA, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2AF, 0x1D00...0x1D7F,
            0x1E00...0x1EFF,
            0xA722...0xA7CA:
            true
        default: false
        }
    }

    /// Whether a letter's script has no use for joiners and other unseen characters between letters.
    static func isWrittenWithoutJoiners(_ value: UInt32) -> Bool {
        switch value {
        case 0..<0x590, 0x10A0...0x10FF, 0x13A0...0x13FF, 0x1D00...0x1FFF, 0x2C00...0x2DFF, 0x3000...0x9FFF,
            0xA640...0xA7FF, 0xAC00...0xD7FF, 0xFF00...0xFFEF, 0x1D400...0x1D7FF:
            true
        default: false
        }
    }
}
