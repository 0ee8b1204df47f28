internal import Foundation
internal import Moderation

extension Recognizer {
    /// United States social security numbers, written in groups; nine digits, or groups with dots, after a word that says so.
    ///
    /// Area 000, 666 and 900 to 999, group 00 and serial 0000 are never issued (SSA, "SSN randomization"); two numbers
    /// were voided after advertisements printed them.
    static let usSSN = Recognizer(
        PIIKind.usSSN.rawValue,
        holdBackBytes: 16,
        pattern: #"""
            (?<! [\w\-] ) (?<! [0-9][\x{20}.] )
            (?! 000 | 666 | 9 | 078.05.1120 | 219.09.9999 )
            [0-9]{3} ( [\x{20}\-\x{2010}\x{2011}] ) (?! 00 ) [0-9]{2} \g{-1} (?! 0000 ) [0-9]{4}
            (?! \w )
            """#
    )
    .or(
        #"""
        (?<! [\w.\-] )
        (?! 000 | 666 | 9 | 078051120 | 219099999 )
        [0-9]{3} ( \.? ) (?! 00 ) [0-9]{2} \g{-1} (?! 0000 ) [0-9]{4}
        (?! \w | [.\-] [0-9] )
        """#
    ) { text, range throws(PatternSearchError) in
        try ssnCue.names(range.lowerBound, in: text) ? range.upperBound : nil
    }

    private static let ssnCue = Cue(
        #"(?<! [a-z] ) (?: ssn s? | social \x20 security | soc\. \x20? sec\. | my \x20 social ) (?! [a-z] )"#
    )

    /// Internet addresses, version 4 and 6, that can belong to somebody: not loopback, unspecified, broadcast or a netmask,
    /// and not a version number of five parts, or the number of a version or a section by the word before.
    static let ipAddress = Recognizer(
        PIIKind.ipAddress.rawValue,
        holdBackBytes: 64,
        needs: "0123456789",
        pattern: #"""
            (?(DEFINE) (?<octet> 25[0-5] | 2[0-4][0-9] | 1[0-9]{2} | [1-9]?[0-9] ) )
            (?<! [\w:.] )
            (?:
                (?! 0\. | 127\. | 255\. ) (?&octet) (?: \. (?&octet) ){3} (?! \w | \.[0-9] )
            |   (?= [0-9A-Fa-f:]{0,40} : [0-9A-Fa-f:]{0,40} : ) [0-9A-Fa-f:]{3,45}+ (?: \. [0-9]{1,3} ){0,3}
            )
            """#
    ) { text, range throws(PatternSearchError) in
        guard text[range].contains(0x3A) else {
            return try versionCue.names(range.lowerBound, in: text) ? nil : range.upperBound
        }
        for end in stride(from: range.upperBound, to: range.lowerBound + 2, by: -1) {
            if end < text.count, isWordByte(text[end]) { continue }
            if isAddress6(text[range.lowerBound..<end]) { return end }
        }
        return nil
    }

    private static let versionCue = Cue(
        #"""
        (?:
            (?<! [a-z] )
            (?: v | ver | versions? | release s? | rev (?: ision )? | build | firmware | sections? | sec | clauses? | chapters?
            |   articles? | paragraphs? | figures? | tables? | appendix | steps? | rules? ) [.:]?
        |   § | [=<>~!] = | \^ | [a-z] -
        )
        [\x20v]? \z
        """#,
        unless: "(*FAIL)"
    )

    /// Whether the text is an address of version 6 and looks like one to a person: some group has three or four digits,
    /// one of them decimal.
    ///
    /// `a::b` and `::` are names and operators in programs.
    private static func isAddress6(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let groups = text.split(separator: 0x3A)
        guard groups.contains(where: { $0.count >= 3 && $0.contains { (0x30...0x39).contains($0) } }) else {
            return false
        }
        var address = in6_addr()
        return inet_pton(AF_INET6, String(decoding: text, as: UTF8.self), &address) == 1
    }
}
