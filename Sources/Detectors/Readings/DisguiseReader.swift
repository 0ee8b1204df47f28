public import Moderation

/// Reads what a text says once the tricks that hide words from detectors are undone.
///
/// - `plain`: compatibility forms (NFKC), characters that nobody sees, stacked marks, letters of other scripts that look
///   like Latin ones. A word of one script stays as it is: Russian is no disguise.
/// - `decoded`: base64, hexadecimal and binary digits, URL and character escapes, words in tags and variation selectors, text
///   that is shown backwards; all of it three times over. Made from the plain reading. Apart from that, rot13.
/// - `collapsed`: digits for letters, letters set apart, letters repeated. Made from what was decoded. What can be read in
///   two ways (`1`, repeated letters) is read in both.
///
/// At most one reading, and one of rot13, is for the model: the one with the most undone, and only where words differ that
/// people don't write so without a reason. Time and memory grow with the length of the text.
public struct DisguiseReader: TextReader {
    /// Creates the reader.
    public init() {}

    /// What else a text can be read as; empty for a text without tricks.
    public func readings(of text: String) -> [Reading] {
        let plain = PlainText(text)
        let decoded = DecodedText(plain)
        let base = decoded.isChanged ? decoded.mapped : plain.mapped
        let rot13 = Rot13(base.units)
        let collapsed = CollapsedText(base)

        let asksCollapsed = collapsed.changedWords > 0
        let asksRot13 = rot13.words >= 3
        let asksDecoded = decoded.isTrick && !asksCollapsed && !asksRot13
        let asksPlain = plain.changedWords > 0 && !asksCollapsed && !asksRot13 && !asksDecoded
        var readings: [Reading] = []
        if !plain.mapped.says(theSameAs: text) { readings.append(plain.mapped.reading(.plain, isForModel: asksPlain)) }
        if decoded.isChanged { readings.append(decoded.mapped.reading(.decoded, isForModel: asksDecoded)) }
        if rot13.words > 0 {
            let turned = MappedText(units: rot13.units, end: base.end)
            readings.append(turned.reading(.decoded, isForModel: asksRot13))
        }
        guard collapsed.hadTricks else { return readings }
        if !collapsed.mapped.says(theSameAs: base) {
            readings.append(collapsed.mapped.reading(.collapsed, isForModel: asksCollapsed))
        }
        let other = CollapsedText(base, choice: .second)
        if !other.mapped.says(theSameAs: base), !other.mapped.says(theSameAs: collapsed.mapped) {
            readings.append(other.mapped.reading(.collapsed, isForModel: false))
        }
        return readings
    }
}
