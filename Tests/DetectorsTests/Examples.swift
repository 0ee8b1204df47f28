import Moderation

/// Invented data in real forms.
///
/// Keys are put together here, so that no scanner of repositories takes them for real ones.
enum Examples {
    static let personalData: [PIIKind: [String]] = [
        .email: [
            "jane.doe@example.com", "a+b@mail.example.co.uk", "JÖRG@example.org", "o'brien@example.com",
            "x@xn--bcher-kva.example",
            "_a_b@example.com",
        ],
        .phone: [
            "+1 555 123 4567", "+44 20 7946 0958", "+44 (0)20 7946 0958", "+49-30-901820-00", "(555) 123-4567",
            "555-123-4567",
            "555.123.4567", "1-800-555-0199", "212 555 0123", "+15551234567", "020 7946 0958", "01 23 45 67 89",
            "030/9018200",
            "+1 (555) 123-4567", "001-555-123-4567", "00 44 20 7946 0958", "555-123-4567x8901",
            "(555) 123-4567 ext. 89",
            "+1-555-123-4567x89", "0664 334 28 67", "056 390 63 51", "(01442) 70316", "(07700)900123", "07700900123",
            "06-12345678", "08316 22947", "(11) 2313-7324", "(85) 95986-8343",
        ],
        .creditCard: [
            "4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "5555 5555 5555 4444", "2223003122003222",
            "378282246310005", "3782 822463 10005", "6011111111111117", "3530111333300000", "30569309025904",
            "4111\u{A0}1111\u{A0}1111\u{A0}1111",
        ],
        .iban: [
            "DE89 3704 0044 0532 0130 00", "DE89370400440532013000", "GB82 WEST 1234 5698 7654 32",
            "FR14 2004 1010 0505 0001 3M02 606", "nl91abna0417164300", "NO93 8601 1117 947",
        ],
        .usSSN: ["123-45-6789", "123 45 6789", "899-99-9999"],
        .ipAddress: [
            "203.0.113.7", "10.0.0.1", "2001:db8::1", "2001:db8:0:0:0:0:2:1", "fe80::1", "::ffff:192.0.2.128",
        ],
    ]

    /// Data that only the words before it tell from other numbers: the words, and the data.
    static let named: [PIIKind: [(words: String, data: String)]] = [
        .phone: [
            ("call me on ", "5551234567"), ("Phone: ", "795 487 714"), ("tel. ", "89 97 11"),
            ("Mobile:\n", "53-55-05-64"),
            (#""phone_number": ""#, "(1) 995-8140"), ("my new number is ", "872-3335399"), ("WhatsApp ", "9187 5645"),
            ("Téléphone : ", "1 23 45 67 89"), ("Jane Doe\nT ", "30150582"), ("· M ", "30150582"),
            ("Fax ", "5551234567x12"),
            ("You can reach the front desk under ", "139634101"),
        ],
        .creditCard: [
            ("my card # ", "180032568322437"), ("Card no. ", "676217332102"), ("card:", "213199658342491"),
            ("VISA ", "4222222222222"),
        ],
        .usSSN: [
            ("My SSN is ", "123456780"), ("Social security number: ", "219.09.9998"), ("ssn=", "123456780"),
        ],
    ]

    static let secrets: [SecretKind: [String]] = [
        .privateKey: [
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nAAAA",
        ],
        .awsAccessKey: [
            "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            #""AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY""#,
        ],
        .githubToken: [
            "ghp_" + letters(36), "gho_" + letters(36), "ghs_" + letters(36),
            "github_pat_" + letters(22) + "_" + letters(59),
        ],
        .gitlabToken: ["glpat-" + letters(20), "glrt-" + letters(20), "GR1348941" + letters(20)],
        .slackToken: [
            "xoxb-" + "123456789012-123456789012-" + letters(24), "xapp-1-" + "A0123456789-0123456789012-" + hex(64),
            "https://hooks.slack.com/" + "services/T00000000/B00000000/" + letters(24),
        ],
        .googleAPIKey: ["AIza" + letters(35)],
        .openaiKey: ["sk-proj-" + letters(48), "sk-" + letters(48), "sk-svcacct-" + letters(30)],
        .stripeKey: ["sk_" + "live_" + letters(24), "rk_" + "test_" + letters(24), "whsec_" + letters(32)],
        .jwt: [
            "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiJleGFtcGxlIn0." + letters(43),
            "eyJhbGciOiJub25lIn0." + "eyJzdWIiOiJleGFtcGxlIn0.",
        ],
    ]

    static func letters(_ count: Int) -> String {
        String(String(repeating: "aB3dE5gH1jK", count: 8).prefix(count))
    }

    static func hex(_ count: Int) -> String {
        String(String(repeating: "0123456789abcdef", count: 8).prefix(count))
    }
}
