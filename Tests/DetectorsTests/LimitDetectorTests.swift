import Detectors
import Moderation
import Testing

@Suite("Limits")
struct LimitDetectorTests {
    private func labels(_ limits: Limits, _ text: String) throws -> [String] {
        try LimitDetector(limits).matches(in: text).map(\.label)
    }

    @Test("what is longer than allowed is found from the first character beyond")
    func length() throws {
        let detector = try LimitDetector(Limits(maxCharacters: 3))
        #expect(try detector.matches(in: "äöü").isEmpty)
        #expect(try detector.matches(in: "äöüß!").map(\.range) == [6..<9])
        #expect(try LimitDetector(Limits(maxCharacters: 0)).matches(in: "a").map(\.range) == [0..<1])
        #expect(try LimitDetector(Limits(maxCharacters: 0)).matches(in: "").isEmpty)
    }

    @Test("links beyond the allowed number are found")
    func links() throws {
        let text = "see https://a.example/x?y=1 and www.b.example, or c-d.com/e; mail f@g.com, v1.2, e.g. this.method()"
        #expect(try LimitDetector(Limits(maxLinks: 3)).matches(in: text).isEmpty)
        #expect(try labels(Limits(maxLinks: 1), text) == ["links", "links"])
        #expect(text.replacing(try LimitDetector(Limits(maxLinks: 2)).matches(in: text)).contains("or [LINKS] mail"))
    }

    static let repeating = [
        String(repeating: "buy now ", count: 30), String(repeating: "a", count: 200),
        String(repeating: "买现在这", count: 30),
        "A short beginning that says something. " + String(repeating: "I will not do it again. ", count: 12),
        String(repeating: "!", count: 100),
    ]

    @Test("a text that repeats itself is found from where it does", arguments: repeating)
    func repetition(text: String) throws {
        let matches = try LimitDetector(Limits(maxRepetition: 0.5)).matches(in: text)
        #expect(matches.map(\.label) == ["repetition"])
        #expect(matches.first?.range.upperBound == text.utf8.count)
        #expect(try labels(Limits(maxRepetition: 1), text).isEmpty)
    }

    static let various = [
        "buy now buy now buy now",
        """
        The kettle stood on the stove while rain ran down the window, and nobody in the kitchen said a word about the letter that \
        had come in the morning, although each of them had read it twice, and each of them knew what it would mean for the farm.
        """,
        "----------------------------------------\n| a | b | c |\n----------------------------------------\n| 1 | 2 | 3 |",
    ]

    @Test("short texts, prose and tables do not repeat themselves", arguments: various)
    func variety(text: String) throws {
        #expect(try labels(Limits(maxRepetition: 0.8), text).isEmpty)
    }

    static let languages: [(String, String)] = [
        ("en", "How do I get to the nearest station from here?"),
        ("de", "Wie komme ich am schnellsten zum nächsten Bahnhof?"),
        ("fr", "Où se trouve la gare la plus proche d'ici ?"),
        ("es", "¿Dónde está la estación más cercana a este hotel?"),
        ("it", "Dove si trova la stazione più vicina a questo albergo?"),
        ("pt", "Onde fica a estação mais próxima deste hotel?"),
        ("nl", "Waar is het dichtstbijzijnde station van dit hotel?"),
        ("pl", "Gdzie jest najbliższa stacja kolejowa od tego hotelu?"),
        ("sv", "Var ligger närmaste järnvägsstation från hotellet?"),
        ("tr", "Bu otele en yakın tren istasyonu nerede bulunuyor?"),
        ("ru", "Где находится ближайшая станция от этой гостиницы?"),
        ("uk", "Де знаходиться найближча станція від цього готелю?"),
        ("ar", "أين تقع أقرب محطة قطار من هذا الفندق الذي أسكن فيه الآن؟"),
        ("he", "איפה נמצאת תחנת הרכבת הקרובה ביותר למלון הזה?"),
        ("fa", "نزدیک‌ترین ایستگاه قطار به این هتل کجاست؟"), ("hi", "इस होटल से निकटतम रेलवे स्टेशन कहाँ है?"),
        ("zh", "离这家酒店最近的火车站在哪里？"), ("ja", "このホテルから一番近い駅はどこですか？"), ("ko", "이 호텔에서 가장 가까운 기차역은 어디입니까?"),
        ("vi", "Nhà ga gần khách sạn này nhất ở đâu vậy?"),
        ("id", "Di mana stasiun kereta api terdekat dari hotel ini?"),
    ]

    @Test("a language that is not welcome is found, and one that is welcome is not", arguments: languages)
    func language(code: String, text: String) throws {
        #expect(try labels(Limits(languages: [code]), text).isEmpty)
        let others = Self.languages.map(\.0).filter { $0 != code }
        let matches = try LimitDetector(Limits(languages: others)).matches(in: text)
        #expect(matches.map(\.range) == [0..<text.utf8.count])
        #expect(matches.map(\.label) == ["language"])
    }

    static let unclear = [
        "", "hi", "ok thanks", "Schadenfreude!", "¯\\_(ツ)_/¯ 👍👍👍", "print(x + 1) # 42", "好",
        "https://example.com/de/seite",
    ]

    @Test("a text too short to tell is of no language", arguments: unclear)
    func unclearLanguage(text: String) throws {
        #expect(try labels(Limits(languages: ["fi"]), text).isEmpty)
    }

    @Test("a text of two languages is of none")
    func mixedLanguages() throws {
        let text = Self.languages[0].1 + " " + Self.languages[10].1
        #expect(try labels(Limits(languages: ["fi"]), text).isEmpty)
    }

    static let wrong: [Limits] = [
        Limits(), Limits(maxCharacters: -1), Limits(maxLinks: -1), Limits(maxRepetition: 1.1),
        Limits(maxRepetition: .nan),
        Limits(languages: ["en", "xx"]),
    ]

    @Test("a limit that can't work is an error", arguments: wrong)
    func wrongLimits(limits: Limits) {
        let error = #expect(throws: DetectionError.self) { try LimitDetector(limits) }
        #expect(error?.item == (limits.languages == nil ? 0 : 1))
    }

    @Test("limits look at the text as it is written, and are no bound for holding back")
    func readings() throws {
        #expect(try LimitDetector(Limits(maxLinks: 1)).readingKinds.isEmpty)
        #expect(BuiltInDetectors.holdBackBytes(for: .limits(Limits(maxLinks: 1))) == nil)
        #expect(try BuiltInDetectors().detector(for: .limits(Limits(maxLinks: 1))) is LimitDetector)
    }

    @Test("a long text is measured to its end", arguments: ["a ", "ab", "http://a.b ", "a.com.", "中", "x.y.z/"])
    func longTexts(unit: String) throws {
        let text = String(repeating: unit, count: 40_000 / unit.utf8.count) + " https://end.example"
        let limits = Limits(maxCharacters: 100_000, maxLinks: 0, maxRepetition: 1, languages: ["en"])
        #expect(try LimitDetector(limits).matches(in: text).last?.range.upperBound == text.utf8.count)
    }
}
