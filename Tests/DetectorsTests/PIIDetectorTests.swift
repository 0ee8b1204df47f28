import Detectors
import Moderation
import Testing

@Suite("Personal data")
struct PIIDetectorTests {
    @Test("each example is found whole", arguments: PIIKind.allCases)
    func findsExample(kind: PIIKind) throws {
        let detector = PIIDetector([kind])
        for example in try #require(Examples.personalData[kind]) {
            let text = "reach \(example), please"
            let matches = try detector.matches(in: text)
            // Words that name the number are no part of it.
            let label = example.utf8.count - Examples.value(in: example).utf8.count
            #expect(matches.map(\.range) == [(6 + label)..<(6 + example.utf8.count)], "\(example)")
            #expect(matches.map(\.label) == [kind.rawValue], "\(example)")
        }
    }

    @Test("what only the words before it name is found whole", arguments: Array(Examples.named.keys))
    func findsNamed(kind: PIIKind) throws {
        for (words, data) in try #require(Examples.named[kind]) {
            let matches = try PIIDetector([kind]).matches(in: "Well, \(words)\(data), please")
            let start = 6 + words.utf8.count
            #expect(matches.map(\.range) == [start..<(start + data.utf8.count)], "\(words)\(data)")
            #expect(
                try PIIDetector([kind]).matches(in: "order \(data), please").isEmpty || kind == .creditCard,
                "\(data)"
            )
        }
    }

    static let otherwiseNamed: [(PIIKind, String)] = [
        (.phone, "call me about order 5551234567"), (.phone, "phone case SKU 5551234567"),
        (.phone, "call at 2024-01-15"),
        (.phone, "the phone costs $5551234567"), (.phone, "call 15.01.2024"), (.phone, "fax from 1.2.3.4"),
        (.phone, "mobile users: 1 234 567"), (.phone, "text me the code 12345678"), (.phone, "call #5551234567"),
        (.phone, "Phone model 123-456-78"), (.phone, "called twice, 12 times, then 5551234567"),
        (.phone, "mobile 12345"),
        (.phone, "part 070-1093326-0430011"), (.phone, "555-123-4567-89"),
        (.creditCard, "card 676217332103"), (.creditCard, "card order 180032568322437"),
        (.creditCard, "cards: 000000000000"),
        (.creditCard, "discard 180032568322437"), (.usSSN, "SSN order 123456780"), (.usSSN, "my social 666456780"),
        (.usSSN, "SSN 1234567801"), (.ipAddress, "version 2.0.14.1"), (.ipAddress, "Section 3.2.1.4"),
        (.ipAddress, "§ 3.2.1.4"),
        (.ipAddress, "numpy==1.2.3.4"), (.ipAddress, "Clause 12.4.3.1"), (.ipAddress, "release: 10.0.0.1"),
        (.ipAddress, "python-64bit-3.4.2.4"), (.phone, "at 800-1500 F (427-816 C)"), (.phone, "type T 300 4000"),
        (.phone, "over the phone, 123-45-6780"),
    ]

    @Test("a number that the words before it call something else is left alone", arguments: otherwiseNamed)
    func leavesOtherwiseNamed(kind: PIIKind, text: String) throws {
        #expect(try PIIDetector([kind]).matches(in: text).isEmpty, "\(text.debugDescription)")
    }

    static let nearMisses: [(PIIKind, String)] = [
        (.streetAddress, "During 1920"), (.streetAddress, "Spring 2008"), (.streetAddress, "String 1"),
        (.streetAddress, "Brigade 101"), (.email, "user@localhost"), (.email, "a @ b.com"), (.email, "@example.com"),
        (.email, "foo@bar.c"),
        (.email, "see @jane and @joe"), (.email, "x@-example.com"), (.email, "npm i left-pad@1.3.0"),
        (.email, String(repeating: "a", count: 65) + "@example.com"),
        (.phone, "5551234567"), (.phone, "2024-01-15"), (.phone, "01.02.2024 10:30"), (.phone, "01-02-2024"),
        (.phone, "order 1234567890123"), (.phone, "3.14159265358979"), (.phone, "192.168.100.200"),
        (.phone, "+2 000 000"),
        (.phone, "2 147 483 647"), (.phone, "123-45-6789"), (.phone, "1700000000"), (.phone, "x555-123-4567"),
        (.phone, "4111 1111 1111 1111"), (.phone, "978-0-306-40615-7"), (.phone, "DE89 3704 0044 0532 0130 00"),
        (.creditCard, "4111 1111 1111 1112"), (.creditCard, "41111111111111111"), (.creditCard, "4111 1111-1111 1111"),
        (.creditCard, "1234567812345670"), (.creditCard, "0000 0000 0000 0000"), (.creditCard, "0.4111111111111111"),
        (.creditCard, "a4111111111111111"), (.creditCard, "4111111111111111f"), (.creditCard, "9007199254740993"),
        (.iban, "DE89 3704 0044 0532 0130 01"), (.iban, "DE89370400440532013000X"), (.iban, "ZZ89370400440532013000"),
        (.iban, "XDE89370400440532013000"), (.iban, "DE89 3704 0044 0532 0130"),
        (.usSSN, "000-12-3456"), (.usSSN, "666-12-3456"), (.usSSN, "900-12-3456"), (.usSSN, "123-00-4567"),
        (.usSSN, "123-45-0000"), (.usSSN, "123456789"), (.usSSN, "123-456-789"), (.usSSN, "1123-45-6789"),
        (.usSSN, "123-45-67890"), (.usSSN, "078-05-1120"), (.usSSN, "123-45 6789"),
        (.ipAddress, "256.1.1.1"), (.ipAddress, "1.2.3"), (.ipAddress, "1.2.3.4.5"), (.ipAddress, "v1.2.3.4"),
        (.ipAddress, "127.0.0.1"), (.ipAddress, "0.0.0.0"), (.ipAddress, "255.255.255.0"), (.ipAddress, "01.02.03.04"),
        (.ipAddress, "std::vector"), (.ipAddress, "a::b"), (.ipAddress, "12:30:45"), (.ipAddress, "00:1a:2b:3c:4d:5e"),
        (.ipAddress, "::"), (.ipAddress, "face::bad"), (.ipAddress, "::1"),
    ]

    @Test("a near miss is left alone", arguments: nearMisses)
    func leavesNearMiss(kind: PIIKind, text: String) throws {
        let matches = try PIIDetector([kind]).matches(in: "see \(text) there")
        #expect(matches.isEmpty, "\(text.debugDescription)")
    }

    static let redactions: [(String, String)] = [
        ("Mail jane@example.com.", "Mail [EMAIL]."),
        ("<mailto:jane@example.com>", "<mailto:[EMAIL]>"),
        ("card 4111 1111 1111 1111 123", "card [CREDIT_CARD] 123"),
        ("卡号4111111111111111。", "卡号[CREDIT_CARD]。"),
        ("电话555-123-4567吧", "电话[PHONE]吧"),
        ("IBAN DE89 3704 0044 0532 0130 00 BIC", "IBAN [IBAN] BIC"),
        ("http://203.0.113.7:8080/x and [2001:db8::1]:443", "http://[IP_ADDRESS]:8080/x and [[IP_ADDRESS]]:443"),
        ("SSN: 123-45-6789, tel. (555) 123-4567", "SSN: [US_SSN], tel. [PHONE]"),
        ("4111111111111111@example.com", "[EMAIL]"),
    ]

    @Test("everything found is replaced by its label", arguments: redactions)
    func redaction(text: String, expected: String) throws {
        let matches = try PIIDetector(PIIKind.allCases).matches(in: text)
        #expect(text.replacing(matches) == expected)
    }

    @Test(
        "hostile texts of 100 kB are searched to the end",
        arguments: [
            "a", "a.", "1", "1 ", "0-", "+1", "a@", "a@b.", "DE89 ", ":", "a:", "1.2.3.", "4111 ", "(0", "é", "👩‍👩‍👧",
        ]
    )
    func hostileTexts(unit: String) throws {
        let text = String(repeating: unit, count: 100_000 / unit.utf8.count) + " jane@example.com"
        let matches = try PIIDetector(PIIKind.allCases).matches(in: text)
        #expect(matches.last?.range.upperBound == text.utf8.count)
    }
}
