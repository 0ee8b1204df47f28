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
        .ukNINO: ["AB123456C", "AB 12 34 56 C", "ab123456c", "JG 12-34-56-A"],
        .macAddress: ["00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e"],
        .dateOfBirth: [
            "date of birth: 1985-03-12", "born on March 12, 1985", "DOB 03/12/85", "Geburtsdatum: 12.03.1985",
            "geboren am 12. März 1985",
            "né le 12 mars 1985", "fecha de nacimiento: 12 de marzo de 1985", "born 12th of March 1985",
            "дата рождения 12.03.1985",
            "nato il 12/3/1985", "出生日期：1985年3月12日", "Birthday: 1985/03/12",
        ],
        .streetAddress: [
            "12 Baker Street", "221B North Baker St., Apt 4", "1600 Pennsylvania Avenue", "350 5th Ave",
            "I live at 12 main street",
            "Hauptstraße 12a", "Berliner Str. 5", "Karl-Marx-Allee 3", "Kaiserring 8", "5 bis, rue de la Paix",
            "12 avenue Victor Hugo",
            "Calle de Alcalá, 12",
            "Rua Augusta 500", "Via Roma, 3", "Kerkstraat 7", "Storgatan 5", "ul. Długa 5/7", "ул. Ленина, д. 5",
            "Atatürk Caddesi No: 5",
            "P.O. Box 1234",
        ],
        .medicalRecord: [
            "MRN: 00123456", "medical record number 12-34-567", "patient ID: AB1234567", "NHS number 943 476 5919",
            "Versichertennummer: A123456789",
        ],
        .passport: [
            "passport number: 123456789", "Passport No. C01X00T47", "Reisepass Nr. C01X00T47", "passeport n° 12AB34567",
            "pasaporte: XDA123456",
            "паспорт серия 45 12 номер 123456", "паспорт 45 12 123456", "护照号码：E12345678", "my passport is AB1234567",
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
        .anthropicKey: ["sk-ant-" + "api03-" + letters(80) + "-" + letters(10) + "AA"],
        .aiServiceKey: [
            "gsk_" + letters(52), "sk-or-" + "v1-" + hex(64), "r8_" + letters(37), "xai-" + letters(80),
            "pplx-" + letters(48),
        ],
        .huggingfaceToken: ["hf_" + letters(34)],
        .azureKey: [
            "AccountKey=" + letters(86) + "==", "https://x.blob.core.windows.net/a?sp=r&sig=" + letters(43) + "%3D",
            "abc8Q~" + letters(34), letters(52) + "JQQJ99" + "B" + letters(25), "SharedAccessKey=" + letters(43) + "=",
        ],
        .googleOAuth: ["ya29." + letters(60), "GOCSPX-" + letters(28)],
        .digitaloceanToken: ["dop_v1_" + hex(64), "doo_v1_" + hex(64)],
        .vaultToken: ["hvs." + letters(30), letters(14) + ".atlasv1." + letters(67)],
        .npmToken: ["npm_" + letters(36)],
        .pypiToken: ["pypi-AgEIcHlwaS5vcmc" + letters(60)],
        .sendgridKey: ["SG." + letters(22) + "." + letters(43)],
        .mailgunKey: ["key-" + hex(32), hex(32) + "-us12"],
        .twilioKey: ["SK" + hex(32), "TWILIO_AUTH_TOKEN=" + hex(32)],
        .shopifyToken: ["shpat_" + hex(32), "shpss_" + hex(32)],
        .telegramToken: ["1234567890:AA" + letters(33)],
        .discordToken: [
            "M" + letters(23) + "." + letters(6) + "." + letters(27),
            "https://discord.com/" + "api/webhooks/123456789012345678/" + letters(68),
        ],
        .serviceToken: [
            "dckr_pat_" + letters(27), "dapi" + hex(32), "glsa_" + letters(32) + "_" + hex(8),
            "NRAK-" + String(repeating: "A1B", count: 9),
            "PMAK-" + hex(24) + "-" + hex(34), "ntn_" + letters(46), "lin_api_" + letters(40), "figd_" + letters(40),
            "pul-" + hex(40),
        ],
        .connectionString: [
            "postgres://app:Xk29fj3a@db.example.com", "mongodb+srv://u:p4ssw0rdX@cluster0.example.net",
            "redis://:s3cr3tX9@cache",
            "https://bot:hunter22@example.com", "amqp://guest:gu3stX@mq",
            "Server=db;Database=x;User Id=sa;Password=Xk29fj3a;",
        ],
        .highEntropy: [
            "api_key = 'Zx9Kf03LmQ72bTyW5dPa'", "SECRET_TOKEN: 9f86d081884c7d659a2feaa0c55ad015",
            "Authorization: Bearer aB3dE5gH1jKaB3dE5gH1jK9",
            "\"clientSecret\": \"q8W3eR5tY7uI9oP2aS4d\"", "the password is xK9mQ2vL8pR4tN7w",
        ],
        .jwt: [
            "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiJleGFtcGxlIn0." + letters(43),
            "eyJhbGciOiJub25lIn0." + "eyJzdWIiOiJleGFtcGxlIn0.",
        ],
    ]

    /// Words that name what follows, in the examples.
    private static let labels = [
        "date of birth: ", "born on ", "DOB ", "Geburtsdatum: ", "geboren am ", "né le ", "fecha de nacimiento: ",
        "born ",
        "дата рождения ", "nato il ", "出生日期：", "Birthday: ", "I live at ", "MRN: ", "medical record number ",
        "patient ID: ",
        "NHS number ", "Versichertennummer: ", "passport number: ", "Passport No. ", "Reisepass Nr. ", "passeport n° ",
        "pasaporte: ",
        "паспорт серия ", "паспорт ", "护照号码：", "my passport is ",
    ]

    /// The part of an example that is to be found: without the words that name it.
    static func value(in example: String) -> Substring {
        example.dropFirst(labels.first(where: example.hasPrefix)?.count ?? 0)
    }

    static func letters(_ count: Int) -> String {
        String(String(repeating: "aB3dE5gH1jK", count: 8).prefix(count))
    }

    static func hex(_ count: Int) -> String {
        String(String(repeating: "0123456789abcdef", count: 8).prefix(count))
    }
}
