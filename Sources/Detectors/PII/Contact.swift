internal import Moderation

extension Recognizer {
    /// Mail addresses: the unquoted form of RFC 5321, with Latin letters beyond ASCII, and a domain of at least two labels.
    static let email = Recognizer(
        PIIKind.email.rawValue,
        holdBackBytes: 384,
        needs: "@",
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

    /// Telephone numbers in forms of their own, and other runs and groups of digits where a word before says so.
    ///
    /// The forms: international (ITU-T E.164, 8 to 15 digits after a `+`, or after `00` and a gap), North American in groups of
    /// 3, 3 and 4, national ones in groups after a leading 0, bare British mobile ones, Brazilian ones; each with an extension.
    static let phone = Recognizer(
        PIIKind.phone.rawValue,
        holdBackBytes: 96,
        needs: "0123456789",
        pattern: #"""
            (?(DEFINE)
                (?<gap> [\x{20}.\-\x{A0}\x{2010}\x{2011}] )
                (?<extension> \x20? (?: x | ext\.? | extension ) \x20? [0-9]{1,5} )
            )
            (?<! [\w+] )
            (?:
                \+ [1-9] (?: (?: (?&gap) | / )? (?: \(0\) \x{20}? )? \(? [0-9] \)? ){7,14} (?! [0-9] )
            |   00 (?&gap) [1-9] (?: (?: (?&gap) | / )? (?: \(0\) \x{20}? )? \(? [0-9] \)? ){7,14} (?! [0-9] )
            |   001 [\x20.\-] [2-9][0-9]{2} ( [\x20.\-] ) [0-9]{3} \g{-1} [0-9]{4}
            |   (?<! [0-9][.\-\x20] ) (?: 1 [\x{20}.\-]? )?
                (?:
                    \( [2-9][0-9]{2} \) \x{20}? [0-9]{3} (?&gap) [0-9]{4}
                |   [2-9][0-9]{2} ( [.\-\x{2010}\x{2011}] ) [0-9]{3} \g{-1} [0-9]{4}
                |   [2-9][0-9]{2} [\x{20}\x{A0}] [2-9][0-9]{2} [\x{20}\x{A0}\-] [0-9]{4}
                )
            |   (?<! [0-9][\x{20}.\-] )
                (?:
                    0 [1-9] (?: ( [\x{20}.\-] ) [0-9]{2} ) (?: \g{-1} [0-9]{2} ){3}
                |   0 [0-9]{2,4} [\x{20}\-] [0-9]{3,4} [\x{20}\-] [0-9]{3,4}
                |   0 [0-9]{1,4} [\x{20}/\-] [0-9]{6,8}
                |   0 [0-9]{4} [\x{20}/\-] [0-9]{5}
                |   0 [1-9][0-9]{1,3} (?: \x{20} [0-9]{2,3} ){3}
                |   07 [1-9] [0-9]{8}
                |   \( 0 [0-9]{1,4} \) \x{20}? [0-9]{2,4} [\x{20}\-]? [0-9]{3,4}
                |   \( [1-9][0-9] \) \x{20}? [0-9]{4,5} - [0-9]{4}
                )
            )
            (?&extension)?
            (?! \w | [.\-\x{2010}\x{2011}] [0-9] )
            """#
    )
    .or(
        #"""
        (?<! [\w+.:/\-#$€£¥] ) (?<! [0-9][\x20.\-] )
        (?! (?: 19 | 20 ) [0-9]{2} ( [.\-] ) [0-9]{1,2} \g{-1} [0-9]{1,2} (?! [0-9] ) )
        (?! [0-9]{1,2} ( [.\-] ) [0-9]{1,2} \g{-1} (?: 19 | 20 ) [0-9]{2} (?! [0-9] ) )
        (?! [0-9]{1,3} (?: \. [0-9]{1,3} ){3} (?! [0-9] ) )
        (?! [0-9]{3} ( [\x20\-] ) [0-9]{2} \g{-1} [0-9]{4} (?! [0-9] ) )
        (?! [0-9] (?: \x20 [0-9]{3} )+ (?! [0-9] | \x20[0-9] ) )
        (?: [0-9]{7} | (?: \( [0-9]{1,5} \) \x20? | [0-9]{1,5} [\x20\-./] ) (?= (?: [\x20\-./]? [0-9] ){3} ) [0-9] )
        (?: [\x20\-./\x{A0}\x{2010}\x{2011}]? [0-9] ){0,9}
        (?: \x20? (?: x | ext\.? | extension ) \x20? [0-9]{1,5} )?
        (?! \w | [.\-:/] [0-9] )
        """#
    ) { text, range throws(PatternSearchError) in
        try phoneCue.names(range.lowerBound, in: text) ? range.upperBound : nil
    }

    private static let phoneCue = Cue(
        #"""
        (?<! [a-z] )
        (?:
            (?: (?: tele | mobile | cell | smart | work | home ) [\x20_\-]? )? phone (?! s? \x20? ( case | model | bill ) )
        |   tel (?: efon [oe]? | éfono | éphone )? (?! [a-z] ) | telefax | fax | mobile? | mobil (?: e | nummer )?
        |   móvil | cell (?! [a-z] ) | handy | portable | whatsapp | sms | hotline | landline | helpline
        |   call (?: ed )? (?! [a-z] ) | dial | ring (?! [a-z] )
        |   (?: text | reach | contact ) \x20 (?: me | us | you | him | her | them ) (?! [a-z] )
        |   reach (?: \x20 [a-z]++ ){1,4} \x20 (?: at | on | under | via ) (?! [a-z] )
        |   messages? \x20 (?: to | from | at | on ) (?! [a-z] ) | answer (?: ing )? \x20 (?: at | on ) (?! [a-z] )
        |   (?: my | our | his | her | their | new | contact | work | home ) \x20 (?: number | no\. | nr\. )
        |   (?: desk | office ) :
        )
        |   [\n|·•;] \x20? (?-i: [TMFPH] ) [.:]? \x20 \z
        """#,
        unless: Cue.otherNumbers
            + "| (?<! [a-z] ) (?: cards? | accounts? | acct | iban | ssn | social | passport ) (?! [a-z] )"
    )
}
