internal import Moderation

extension Recognizer {
    /// Hardware addresses (IEEE 802): six pairs of hexadecimal digits, or three groups of four; not those of no device in
    /// particular, all zeros or all ones.
    static let macAddress = Recognizer(
        PIIKind.macAddress.rawValue,
        holdBackBytes: 24,
        pattern: #"""
            (?<! [\w:.\-] )
            (?! (?: 00 [:\-] ){5} 00 | (?i: ff [:\-] ){5} (?i: ff ) )
            (?:
                [0-9A-Fa-f]{2} ( [:\-] ) (?: [0-9A-Fa-f]{2} \g{-1} ){4} [0-9A-Fa-f]{2} (?! \w | [:\-] [0-9A-Fa-f] )
            |   [0-9A-Fa-f]{4} \. [0-9A-Fa-f]{4} \. [0-9A-Fa-f]{4} (?! \w | \. [0-9A-Fa-f] )
            )
            """#
    ) { text, range throws(PatternSearchError) in
        // A date of twelve digits is none: some digit is a letter, or the pairs are set apart.
        let isGrouped = text[range].count == 17
        return isGrouped || text[range].contains { $0 >= 0x41 } ? range.upperBound : nil
    }
}
