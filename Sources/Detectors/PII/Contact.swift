internal import Moderation

extension Recognizer {
    /// Mail addresses: the unquoted form of RFC 5321, with Latin letters beyond ASCII, and a domain of at least two labels.
    static let email = Recognizer(
        PIIKind.email.rawValue,
        holdBackBytes: 384,
        pattern: #"""
            (?<! [A-Za-z0-9_%+\x{C0}-\x{24F}] )
            [A-Za-z0-9_%+\x{C0}-\x{24F}]
            (?: [A-Za-z0-9._%+\-\x{C0}-\x{24F}] | (?<= [A-Za-z] ) ' (?= [A-Za-z] ) ){0,63}+
            @
            (?: [A-Za-z0-9\x{C0}-\x{24F}] (?: [A-Za-z0-9\-\x{C0}-\x{24F}]{0,61} [A-Za-z0-9\x{C0}-\x{24F}] )? \. ){1,6}
            (?: xn--[A-Za-z0-9-]{2,59} | [A-Za-z]{2,63} )
            (?! [A-Za-z0-9] )
            """#
    )

    /// Telephone numbers: international (ITU-T E.164, 8 to 15 digits after a `+`), North American in groups of 3, 3 and
    /// 4, and national ones in groups after a leading 0.
    ///
    /// A bare run of digits is not taken for a number to call.
    static let phone = Recognizer(
        PIIKind.phone.rawValue,
        holdBackBytes: 96,
        pattern: #"""
            (?(DEFINE) (?<gap> [\x{20}.\-\x{A0}\x{2010}\x{2011}] ) )
            (?<! [\w+] )
            (?:
                \+ [1-9] (?: (?: (?&gap) | / )? (?: \(0\) \x{20}? )? \(? [0-9] \)? ){7,14} (?! [0-9] )
            |   (?<! [0-9][.\-] ) (?: 1 [\x{20}.\-]? )?
                (?:
                    \( [2-9][0-9]{2} \) \x{20}? [0-9]{3} (?&gap) [0-9]{4}
                |   [2-9][0-9]{2} ( [.\-\x{2010}\x{2011}] ) [0-9]{3} \g{-1} [0-9]{4}
                |   (?<! [0-9]{3}\x{20} ) [2-9][0-9]{2} [\x{20}\x{A0}] [2-9][0-9]{2} [\x{20}\x{A0}\-] [0-9]{4}
                )
                (?! \w )
            |   (?<! [0-9][\x{20}.\-] )
                (?:
                    0 [1-9] (?: ( [\x{20}.\-] ) [0-9]{2} ) (?: \g{-1} [0-9]{2} ){3}
                |   0 [0-9]{2,4} [\x{20}\-] [0-9]{3,4} [\x{20}\-] [0-9]{3,4}
                |   0 [0-9]{2,4} [\x{20}/\-] [0-9]{6,8}
                |   \( 0 [0-9]{1,4} \) \x{20}? [0-9]{3,4} [\x{20}\-]? [0-9]{3,4}
                )
                (?! \w )
            )
            """#
    )
}
