/// Letters of other scripts that look like Latin ones.
///
/// Kept by hand: the skeletons of Unicode's own table (UTS #39) are for comparing two names, not for reading (`m` becomes
/// `rn`), and the only ICU at hand without another 36 MB is private to Foundation. Compatibility forms are not here; NFKC
/// undoes them.
enum LookAlikes {
    /// The Latin letter that a letter looks like; nil for one that looks like itself.
    static func latin(_ value: UInt32) -> UInt32? {
        value < 0x80 ? nil : exact[value]
    }

    /// The same, also for letters that only pass for a Latin one among Latin ones, as in mock Cyrillic.
    static func latinAmongLatin(_ value: UInt32) -> UInt32? {
        value < 0x80 ? nil : exact[value] ?? rough[value]
    }

    private static let exact = table([
        // Cyrillic
        ("аӑӓ", "a"), ("в", "b"), ("сҫ", "c"), ("ԁ", "d"), ("еѐёҽ", "e"), ("ԍ", "g"), ("һҺ", "h"), ("іїӏ", "i"),
        ("ј", "j"),
        ("кқҝҟӄ", "k"), ("м", "m"), ("н", "h"), ("оӧө", "o"), ("рҏ", "p"), ("ԛ", "q"), ("г", "r"), ("ѕ", "s"),
        ("т", "t"),
        ("уўӯӱӳү", "y"), ("ѵ", "v"), ("ԝѡ", "w"), ("хҳ", "x"), ("ь", "b"),
        ("АӐӒ", "A"), ("ВЬ", "B"), ("СҪ", "C"), ("ЕЀЁ", "E"), ("Ԍ", "G"), ("Н", "H"), ("ІЇӀ", "I"), ("Ј", "J"),
        ("КҚӃ", "K"),
        ("М", "M"), ("ОӦӨ", "O"), ("Р", "P"), ("Ԛ", "Q"), ("Ѕ", "S"), ("Т", "T"), ("УҮ", "Y"), ("Ѵ", "V"), ("Ԝ", "W"),
        ("ХҲ", "X"),
        // Greek
        ("αά", "a"), ("β", "b"), ("ϲς", "c"), ("εέ", "e"), ("ηή", "n"), ("ιίϊ", "i"), ("ϳ", "j"), ("κ", "k"),
        ("οό", "o"),
        ("ρ", "p"), ("τ", "t"), ("υύ", "u"), ("ν", "v"), ("ωώ", "w"), ("χ", "x"), ("γ", "y"),
        ("Α", "A"), ("Β", "B"), ("Ϲ", "C"), ("Ε", "E"), ("Η", "H"), ("Ι", "I"), ("Ϳ", "J"), ("Κ", "K"), ("Μ", "M"),
        ("Ν", "N"),
        ("Ο", "O"), ("Ρ", "P"), ("Τ", "T"), ("Υ", "Y"), ("Χ", "X"), ("Ζ", "Z"),
        // Armenian
        ("ա", "w"), ("գ", "q"), ("զ", "q"), ("հ", "h"), ("ո", "n"), ("ս", "u"), ("ց", "g"), ("օ", "o"), ("Տ", "S"),
        ("Օ", "O"), ("Լ", "L"), ("Ս", "U"),
        // Cherokee
        ("Ꭺ", "A"), ("Ᏼ", "B"), ("Ꮯ", "C"), ("Ꭰ", "D"), ("Ꭼ", "E"), ("Ꮐ", "G"), ("Ꮋ", "H"), ("Ꭵ", "i"), ("Ꭻ", "J"),
        ("Ꮶ", "K"),
        ("Ꮮ", "L"), ("Ꮇ", "M"), ("Ꮲ", "P"), ("Ꭱ", "R"), ("Ꮪ", "S"), ("Ꭲ", "T"), ("Ꮩ", "V"), ("Ꮃ", "W"), ("Ꮓ", "Z"),
        // Lisu
        ("ꓮ", "A"), ("ꓐ", "B"), ("ꓚ", "C"), ("ꓓ", "D"), ("ꓰ", "E"), ("ꓝ", "F"), ("ꓖ", "G"), ("ꓧ", "H"), ("ꓲ", "I"),
        ("ꓙ", "J"),
        ("ꓗ", "K"), ("ꓡ", "L"), ("ꓟ", "M"), ("ꓠ", "N"), ("ꓳ", "O"), ("ꓑ", "P"), ("ꓣ", "R"), ("ꓢ", "S"), ("ꓔ", "T"),
        ("ꓴ", "U"),
        ("ꓦ", "V"), ("ꓪ", "W"), ("ꓫ", "X"), ("ꓬ", "Y"), ("ꓜ", "Z"),
        // Latin letters in another dress: small capitals, phonetic signs, turned and barred ones
        ("ᴀɑɐ", "a"), ("ʙɓƀƃ", "b"), ("ᴄƈȼɔ", "c"), ("ᴅɖɗƌ", "d"), ("ᴇɛǝəɘ", "e"), ("ꜰƒɟ", "f"), ("ɢɡɠ", "g"),
        ("ʜɦɥ", "h"),
        ("ɪıɩɨ", "i"), ("ᴊȷʝ", "j"), ("ᴋƙʞ", "k"), ("ʟɫɬɭ", "l"), ("ᴍɱɯ", "m"), ("ɴɲɳ", "n"), ("ᴏɵ", "o"), ("ᴘƥ", "p"),
        ("ʀɹɼɾ", "r"),
        ("ꜱʂ", "s"), ("ᴛƭʇ", "t"), ("ᴜʉ", "u"), ("ᴠʋʌ", "v"), ("ᴡʍ", "w"), ("ʏƴʎ", "y"), ("ᴢƶʐ", "z"),
        ("Ɓ", "B"), ("Ƈ", "C"), ("Ɗ", "D"), ("Ɛ", "E"), ("Ƒ", "F"), ("Ɠ", "G"), ("Ƙ", "K"), ("Ɲ", "N"), ("Ɵ", "O"),
        ("Ƥ", "P"),
        ("Ƭ", "T"), ("Ʋ", "V"), ("Ƴ", "Y"), ("Ƶ", "Z"),
    ])

    private static let rough = table([
        ("бъ", "b"), ("д", "a"), ("зэ", "e"), ("ийлпѝ", "n"), ("я", "r"), ("цч", "u"), ("шщ", "w"), ("ф", "o"),
        ("ж", "x"),
        ("БЪ", "B"), ("ДЛ", "A"), ("ЗЭ", "E"), ("ИЙПЍ", "N"), ("Я", "R"), ("Г", "R"), ("ЦЧ", "U"), ("ШЩ", "W"),
        ("Ф", "O"), ("Ж", "X"),
        ("σδθφ", "o"), ("λΛΔ", "A"), ("μ", "u"), ("π", "n"), ("ξΣΞ", "E"), ("ψ", "y"), ("Π", "N"), ("ΘΦ", "O"),
        ("Ω", "O"),
    ])

    private static func table(_ rows: [(letters: String, latin: Character)]) -> [UInt32: UInt32] {
        var table: [UInt32: UInt32] = [:]
        for (letters, latin) in rows {
            for scalar in letters.unicodeScalars { table[scalar.value] = latin.unicodeScalars.first?.value }
        }
        return table
    }
}
