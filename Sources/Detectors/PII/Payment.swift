internal import Moderation

extension Recognizer {
    /// Payment card numbers: 13 to 19 digits, bare or grouped as printed on cards, of a known network, with a correct check
    /// digit (ISO/IEC 7812-1, Luhn); 12 to 19 digits of any issuer where a word before says that it is a card.
    static let creditCard = Recognizer(
        PIIKind.creditCard.rawValue,
        holdBackBytes: 64,
        pattern: #"""
            (?<! [\w] ) (?<! [0-9]\. )
            (?:
                [2-6][0-9]{3} ( [\x{20}\-\x{A0}\x{2010}\x{2011}] ) [0-9]{4} \g{-1} [0-9]{4} \g{-1} [0-9]{4}
            |   3[0-9]{3} ( [\x{20}\-\x{A0}\x{2010}\x{2011}] ) [0-9]{6} \g{-1} [0-9]{4,5}
            |   [0-9]{12,19}
            )
            (?! \w )
            """#
    ) { text, range throws(PatternSearchError) in
        let digits = text[range].filter { (0x30...0x39).contains($0) }.map { Int($0 - 0x30) }
        guard hasLuhnDigit(digits) else { return nil }
        if isOfKnownNetwork(digits) { return range.upperBound }
        return try cardCue.names(range.lowerBound, in: text) && Set(digits).count > 2 ? range.upperBound : nil
    }

    private static let cardCue = Cue(
        #"""
        (?<! [a-z] )
        (?: (?: credit | debit | bank | payment )? [\x20_\-]? card s? | cc | visa | master \x20? card | maestro | amex | jcb )
        (?! [a-z] )
        """#
    )

    /// International bank account numbers: a country's length (SWIFT's IBAN registry) and check digits (ISO 13616, mod 97).
    static let iban = Recognizer(
        PIIKind.iban.rawValue,
        holdBackBytes: 80,
        needs: "0123456789",
        pattern: #"(?<! \w ) [A-Za-z]{2} [0-9]{2} (?: [\x{20}\x{A0}-]? [A-Za-z0-9] ){11,30}"#
    ) { text, range throws(PatternSearchError) in
        var characters: [UInt8] = []
        var length = 0
        for index in range {
            var byte = text[index]
            if (0x61...0x7A).contains(byte) { byte -= 0x20 }
            guard (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) else { continue }
            characters.append(byte)
            if characters.count == 2 {
                guard let known = ibanLengths[String(decoding: characters, as: UTF8.self)] else { return nil }
                length = known
            }
            if characters.count > 2, characters.count == length {
                let isEnd = index + 1 == text.count || !isWordByte(text[index + 1])
                return isEnd && hasIBANCheckDigits(characters) ? index + 1 : nil
            }
        }
        return nil
    }

    private static func isOfKnownNetwork(_ digits: [Int]) -> Bool {
        func prefix(_ count: Int) -> Int { digits.prefix(count).reduce(0) { $0 * 10 + $1 } }
        let lengths: ClosedRange<Int>? =
            switch (prefix(1), prefix(2), prefix(3), prefix(4)) {
            case (4, _, _, _): 13...19
            case (_, 51...55, _, _), (_, _, _, 2221...2720): 16...16
            case (_, 34, _, _), (_, 37, _, _): 15...15
            case (_, 36, _, _), (_, 38...39, _, _), (_, _, 300...305, _): 14...19
            case (_, _, _, 3528...3589): 16...19
            case (_, 62, _, _), (_, 65, _, _), (_, _, 644...649, _), (_, _, _, 6011): 16...19
            case (_, 50, _, _), (_, 56...58, _, _), (_, 63, _, _), (_, 67, _, _): 16...19
            default: nil
            }
        return lengths?.contains(digits.count) ?? false
    }

    private static func hasLuhnDigit(_ digits: [Int]) -> Bool {
        let sum = digits.reversed().enumerated().reduce(0) { sum, item in
            let doubled = item.offset % 2 == 1 ? item.element * 2 : item.element
            return sum + (doubled > 9 ? doubled - 9 : doubled)
        }
        return sum % 10 == 0
    }

    private static func hasIBANCheckDigits(_ characters: [UInt8]) -> Bool {
        let remainder = (characters[4...] + characters[..<4]).reduce(0) { remainder, byte in
            byte < 0x41 ? (remainder * 10 + Int(byte - 0x30)) % 97 : (remainder * 100 + Int(byte - 0x41) + 10) % 97
        }
        return remainder == 1
    }

    /// Whether a byte is an ASCII letter, digit or underscore.
    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
    }

    /// Characters in an IBAN of each country.
    private static let ibanLengths: [String: Int] = {
        let table = """
            NO15 BE16 FI18 DK18 FO18 GL18 NL18 FK18 SD18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 XK20 MN20 CH21 HR21 LI21 \
            LV21 BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 SO23 TL23 AD24 CZ24 ES24 MD24 \
            PK24 RO24 SA24 SE24 SK24 TN24 VG24 LY25 PT25 ST25 IS26 TR26 BI27 DJ27 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 \
            BY28 CY28 DO28 GT28 HN28 HU28 LB28 NI28 PL28 SV28 BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 YE30 MT31 SC31 LC32 \
            RU33
            """
        let entries = table.split(separator: " ").compactMap { entry in
            Int(entry.dropFirst(2)).map { (String(entry.prefix(2)), $0) }
        }
        return Dictionary(uniqueKeysWithValues: entries)
    }()
}
