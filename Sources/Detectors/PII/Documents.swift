internal import Moderation

extension Recognizer {
    /// National insurance numbers of the United Kingdom: two letters that are issued (HMRC, NIM39110), six digits, a letter
    /// from A to D.
    static let ukNINO = Recognizer(
        PIIKind.ukNINO.rawValue,
        holdBackBytes: 16,
        pattern: #"""
            (?<! \w )
            (?! (?i: BG | GB | NK | KN | TN | NT | ZZ ) )
            (?:
                [A-CEGHJ-PR-TW-Z] [A-CEGHJ-NPR-TW-Z] \x{20}? (?: [0-9]{2} ( [\x{20}\-]? ) [0-9]{2} \g{-1} [0-9]{2} ) [\x{20}\-]? [A-D]
            |   (?i: [A-CEGHJ-PR-TW-Z] [A-CEGHJ-NPR-TW-Z] [0-9]{6} [A-D] )
            )
            (?! \w )
            """#
    )

    /// Numbers of medical records, patients and health insurance, behind words that say so.
    static let medicalRecord = Recognizer(
        PIIKind.medicalRecord.rawValue,
        holdBackBytes: 32,
        pattern: #"""
            (?<! [\w\x{C0}-\x{24F}] )
            (?i:
                MRN | MR \x{20}? [#] | (?: medical | health | patient | hospital ) (?: \x{20} (?: record | card | insurance | file | chart ) )?
                \x{20} (?: number | no\b\.? | nr\b\.? | num\b\.? | id\b | [#] )
            |   (?: medical | health | patient ) \x{20} record | chart \x{20} (?: number | no\.? )
            |   NHS (?: \x{20} (?: number | no\b\.? ) )? | medicare (?: \x{20} (?: number | no\b\.? | id ) )?
            |   (?: patienten | versicherten | krankenversicherten | krankenversicherungs | patient | journal ) (?: nummer | nr\b\.? | -nr\b\.? )
            |   num[ée]ro \x{20} (?: de \x{20} )? (?: patient | dossier | sécurité \x{20} sociale )
            |   (?: n[úu]mero \x{20} de | n[.º°] ) \x{20}? (?: historia \x{20} clínica | paciente | prontuário | utente )
            |   historia \x{20} clínica | cartella \x{20} clinica
            )
            (?: [\x{20}\t:=\-#.,"'()] | (?i: \b(?: number | no | nr | is | was | ist | est | es )\b ) ){0,8}+
            \K
            [A-Z]{0,4} [\-/]? [0-9] (?: [\x{20}\-/]? [0-9A-Z] ){4,13}
            (?! \w )
            """#
    ) { text, range throws(PatternSearchError) in
        // Years and dates stand behind these words too.
        text[range].count { (0x30...0x39).contains($0) } >= 5 ? range.upperBound : nil
    }

    /// Passport numbers, behind words that say so.
    static let passport = Recognizer(
        PIIKind.passport.rawValue,
        holdBackBytes: 24,
        pattern: #"""
            (?<! [\w\x{C0}-\x{24F}\x{400}-\x{45F}] )
            (?:
                (?i:
                    passport | reisepass (?: -? (?: nummer | nr\.? ) )? | passnummer | passeport | pasaporte | passaporto | passaporte
                |   paspoort (?: nummer )? | paszport [ua]? | pasaport | passnr\.? | паспорт [а]?
                )
            |   护照 | 旅券 | パスポート | 여권
            )
            (?:
                [\x{20}\t:：=\-#.,"'()/№°º] | 号码? | 番号 | 번호 | (?i: серия | номер | è (?! \w ) )
            |   (?i: \b(?: number | numbers | no | nr | num | id | is | was | ist | est | es | n | número | numero | numéro
                |   with | the | of | my | his | her | code )\b )
            ){0,10}+
            \K
            (?:
                [0-9]{2} \x{20} [0-9]{2} (?: \x{20} номер )? \x{20} [0-9]{6}
            |   [A-Z]{1,2} [0-9]{6,8} | [0-9]{8,9} | (?= [A-Z0-9]*+ (?<= [0-9] ) | [A-Z0-9]{9} ) (?: [A-Z]*+ [0-9] ){3,9} [A-Z]{0,2}
            |   (?i: [A-Z] [0-9]{7,8} )
            )
            (?! \w )
            """#
    ) { text, range throws(PatternSearchError) in (6...24).contains(range.count) ? range.upperBound : nil }
}
