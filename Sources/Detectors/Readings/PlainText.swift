internal import Foundation

/// Undoes compatibility forms, characters that nobody sees, stacked marks and look-alike letters.
///
/// Reads from left to right; what it makes of a word depends on nothing behind it.
struct PlainText {
    /// Words that nobody sees: where they stand, and what they say.
    struct Hidden {
        /// Index of the unit before which they stand.
        var index: Int
        var text: String
        var start: Int32
    }

    /// A stretch that is shown backwards.
    struct Reversed {
        var range: Range<Int>
        var start: Int32
    }

    private(set) var mapped = MappedText()
    private(set) var hidden: [Hidden] = []
    private(set) var reversed: [Reversed] = []
    /// Words that say something else to the model now.
    private(set) var changedWords = 0

    private var known: [UInt32: Mapping] = [:]
    private var composed: [UInt64: UInt32] = [:]
    private var unseen: [(value: UInt32, start: Int32)] = []
    private var reversalStart: (index: Int, start: Int32)?
    private var wordStart = 0
    private var latinWords = 0
    private var genuineScripts: Set<UInt32> = []

    private enum Mapping {
        case same
        case gone
        case mark
        case other([UInt32], isStyled: Bool)
    }

    /// Reads a text.
    init(_ text: String) {
        mapped.units.reserveCapacity(text.utf8.count)
        var offset: Int32 = 0
        for scalar in text.unicodeScalars {
            take(scalar, at: offset)
            offset += Int32(UTF8.width(scalar))
        }
        mapped.end = Int(offset)
        endUnseen()
        endReversal()
        endWord()
    }

    // MARK: Scalars

    private mutating func take(_ scalar: Unicode.Scalar, at offset: Int32) {
        let value = scalar.value
        if value < 0x80 {
            let isControl = (value < 0x20 && !(0x09...0x0D).contains(value)) || value == 0x7F
            isControl ? unseen.append((value, offset)) : add(value, at: offset)
            return
        }
        switch mapping(of: scalar) {
        case .same: add(value, at: offset)
        case .gone:
            if value == 0x202E {
                endReversal()
                reversalStart = (mapped.units.count, offset)
            } else if [0x202C, 0x2069].contains(value) {
                endReversal()
            }
            unseen.append((value, offset))
        case .mark: mark(scalar, at: offset)
        case .other(let values, let isStyled):
            for value in values { add(value, at: offset, change: isStyled ? .styled : []) }
        }
    }

    private mutating func add(_ value: UInt32, at offset: Int32, change: MappedText.Change = []) {
        var change = change
        if !unseen.isEmpty {
            change.insert(.unseen)
            endUnseen()
        }
        let unit = MappedText.Unit(value: value, start: offset, change: change.rawValue)
        let isWord = unit.isLetter || unit.isDigit
        if !isWord {
            if value == 0x0A { endReversal() }
            endWord()
        }
        mapped.units.append(unit)
        if !isWord { wordStart = mapped.units.count }
    }

    private mutating func mapping(of scalar: Unicode.Scalar) -> Mapping {
        if let mapping = known[scalar.value] { return mapping }
        let mapping = Self.mapping(of: scalar)
        known[scalar.value] = mapping
        return mapping
    }

    private static func mapping(of scalar: Unicode.Scalar) -> Mapping {
        switch scalar.value {
        // Letters on coloured ground, which have no compatibility form, and halves of flags.
        case 0x1F150...0x1F169: return .other([0x41 + scalar.value - 0x1F150], isStyled: true)
        case 0x1F170...0x1F189: return .other([0x41 + scalar.value - 0x1F170], isStyled: true)
        case 0x1F1E6...0x1F1FF: return .other([0x41 + scalar.value - 0x1F1E6], isStyled: false)
        // Blank patterns and notes between the lines.
        case 0x2800, 0xFFF9...0xFFFB: return .gone
        default: break
        }
        let properties = scalar.properties
        if properties.isDefaultIgnorableCodePoint || properties.generalCategory == .control, scalar.value != 0x85 {
            return .gone
        }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return .mark
        default: break
        }
        let form = String(Character(scalar)).precomposedStringWithCompatibilityMapping.unicodeScalars.map(\.value)
        guard form != [scalar.value] else { return .same }
        // A ligature or a sign made of letters is what people write; one letter for another is dressing up.
        return .other(form, isStyled: form.count == 1 && Scalars.isLetter(form[0]))
    }

    /// A mark joins the letter before it; on a Latin letter, marks beyond what languages write are dropped.
    private mutating func mark(_ scalar: Unicode.Scalar, at offset: Int32) {
        guard let last = mapped.units.indices.last, unseen.isEmpty else { return add(scalar.value, at: offset) }
        let base = mapped.units[last].value
        if let whole = composition(base, scalar.value) {
            mapped.units[last].value = whole
        } else if Scalars.isLatin(base) {
            mapped.units[last].change |= MappedText.Change.unmarked.rawValue
        } else {
            add(scalar.value, at: offset)
        }
    }

    private mutating func composition(_ base: UInt32, _ mark: UInt32) -> UInt32? {
        let key = UInt64(base) << 32 | UInt64(mark)
        if let whole = composed[key] { return whole == 0 ? nil : whole }
        var pair = String.UnicodeScalarView()
        for value in [base, mark] { if let scalar = Unicode.Scalar(value) { pair.append(scalar) } }
        let form = String(pair).precomposedStringWithCanonicalMapping.unicodeScalars
        let whole = form.count == 1 ? form.first?.value ?? 0 : 0
        composed[key] = whole
        return whole == 0 ? nil : whole
    }

    // MARK: What nobody sees

    /// Tags and variation selectors can spell words out.
    private mutating func endUnseen() {
        defer { unseen.removeAll() }
        guard unseen.count >= 3, let start = unseen.first?.start else { return }
        let tags = unseen.compactMap { (0xE0020...0xE007E).contains($0.value) ? UInt8($0.value - 0xE0000) : nil }
        let isFlag = mapped.units.last?.value == 0x1F3F4
        let selectors = unseen.compactMap { character -> UInt8? in
            switch character.value {
            case 0xFE00...0xFE0F: UInt8(character.value - 0xFE00)
            case 0xE0100...0xE01EF: UInt8(character.value - 0xE0100 + 16)
            default: nil
            }
        }
        for bytes in [isFlag ? [] : tags, selectors] where bytes.count >= 3 {
            guard let text = DecodedBytes.text(bytes, isSure: true) else { continue }
            hidden.append(Hidden(index: mapped.units.count, text: text, start: start))
        }
    }

    private mutating func endReversal() {
        guard let (index, start) = reversalStart else { return }
        reversalStart = nil
        if mapped.units.count - index >= 3 {
            reversed.append(Reversed(range: index..<mapped.units.count, start: start))
        }
    }

    // MARK: Words

    private mutating func endWord() {
        let range = wordStart..<mapped.units.count
        wordStart = mapped.units.count
        guard !range.isEmpty else { return }
        let isPlain = mapped.units[range].allSatisfy { $0.value < 0x80 && $0.change == 0 }
        if isPlain {
            latinWords += 1
            return
        }
        undress(range)
        replaceLookAlikes(range)
        if isChanged(mapped.units[range]) { changedWords += 1 }
        if mapped.units[range].contains(where: { Scalars.isLatin($0.value) }) { latinWords += 1 }
    }

    /// In a word full of needless marks, those that happen to be in use elsewhere are needless too.
    private mutating func undress(_ range: Range<Int>) {
        let unmarked = MappedText.Change.unmarked.rawValue
        let marked = range.count { index in mapped.units[index].change & unmarked != 0 }
        guard marked >= 2 else { return }
        for index in range {
            guard let scalar = Unicode.Scalar(mapped.units[index].value), scalar.value >= 0xC0,
                Scalars.isLatin(scalar.value)
            else { continue }
            let bare = String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars.first
            if let bare { mapped.units[index].value = bare.value }
        }
    }

    private mutating func replaceLookAlikes(_ range: Range<Int>) {
        let letters = range.filter { mapped.units[$0].isLetter }
        let latin = letters.count { index in Scalars.isLatin(mapped.units[index].value) }
        var places: [(index: Int, latin: UInt32)] = []
        for index in letters {
            let value = mapped.units[index].value
            if let latin = latin > 0 ? LookAlikes.latinAmongLatin(value) : LookAlikes.latin(value) {
                places.append((index, latin))
            } else if !Scalars.isLatin(value) {
                // A word of two scripts, or of one that is not Latin.
                genuineScripts.insert(value >> 8)
                return
            }
        }
        guard !places.isEmpty else { return }
        if latin == 0 {
            // Without Latin words before it, it may be the first of a text in its own script.
            if latinWords == 0 { genuineScripts.insert(mapped.units[letters[0]].value >> 8) }
            let isGenuine = places.contains { genuineScripts.contains(mapped.units[$0.index].value >> 8) }
            guard letters.count >= 3, !isGenuine else { return }
        }
        for (index, latin) in places {
            mapped.units[index].value = latin
            mapped.units[index].change |= MappedText.Change.lookAlike.rawValue
        }
    }

    /// Whether a word says something else to the model than it did before.
    private func isChanged(_ word: ArraySlice<MappedText.Unit>) -> Bool {
        let letters = word.filter(\.isLetter)
        guard letters.count >= 3 else { return false }
        func count(_ change: MappedText.Change) -> Int {
            letters.count { unit in unit.change & change.rawValue != 0 }
        }
        let unseen = MappedText.Change.unseen.rawValue
        let hasGap = zip(letters, letters.dropFirst()).contains { before, after in
            after.change & unseen != 0 && Scalars.isWrittenWithoutJoiners(before.value)
                && Scalars.isWrittenWithoutJoiners(after.value)
        }
        return hasGap || count(.lookAlike) > 0 || count(.styled) >= 2 || count(.unmarked) >= 2
    }
}
