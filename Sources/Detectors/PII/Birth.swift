internal import Moderation

extension Recognizer {
    /// Dates of birth: a date from 1900 on behind words that say so, in a number of languages.
    static let dateOfBirth = Recognizer(
        PIIKind.dateOfBirth.rawValue,
        holdBackBytes: 64,
        pattern: #"""
            (?(DEFINE)
                (?<day> 3[01] | [12][0-9] | 0?[1-9] )
                (?<month> 1[0-2] | 0?[1-9] )
                (?<year> (?: 19 | 20 ) [0-9]{2} )
                (?<name> (?i:
                    jan | ene | gen | feb | fev | fév | mar | mär | maa | mrt | apr | abr | avr | may | mai | mei | mag | maj | jun | jui | giu
                |   jul | lug | aug | ago | aoû | sep | set | oct | okt | ott | out | nov | dec | dez | déc | dic | янв | фев | мар | апр | мая
                |   июн | июл | авг | сен | окт | ноя | дек
                ) [A-Za-z\x{C0}-\x{24F}\x{430}-\x{44F}]{0,8} \.? )
            )
            (?<! [\w\x{C0}-\x{24F}] )
            (?:
                (?i:
                    date \x{20} of \x{20} birth | birth [\x{20}\-_]? date | birthday | d\.?o\.?b\b\.? | born
                |   geburtsdatum | geburtstag | geboren | geb\. | geboortedatum | date \x{20} de \x{20} naissance | née? \x{20} le
                |   fecha \x{20} de \x{20} nacimiento | nacid[oa] \x{20} el | data \x{20} di \x{20} nascita | nat[oa] \x{20} il
                |   data \x{20} de \x{20} nascimento | nascid[oa] \x{20} em | data \x{20} urodzenia | urodzon[ya]
                |   födelsedatum | född | doğum \x{20} tarihi | дата \x{20} рождения | родил(?:ся|ась) | дата \x{20} народження
                )
            |   生年月日 | 出生日期 | 생년월일
            )
            (?: [\x{20}\t:：=\-–"'(),] | (?i: \b(?: is | was | on | the | am | op | den | ist | le | el | il | em )\b ) | \R ){0,8}+
            \K
            (?:
                (?&day) (?: st | nd | rd | th | \. | º )? \x{20}? (?: de \x{20} | of \x{20} )? (?&name) ,? (?: \x{20} de )? \x{20} (?&year)
            |   (?&name) \x{20} (?&day) (?: st | nd | rd | th )? ,? \x{20} (?&year)
            |   (?&year) ( [./\-] ) (?&month) \g{-1} (?&day)
            |   (?&day) ( [./\-\x{20}] ) (?&month) \g{-1} (?: (?&year) | [0-9]{2} )
            |   (?&month) ( [/\-] ) (?&day) \g{-1} (?: (?&year) | [0-9]{2} )
            |   (?&year) [年년.] \x{20}? (?&month) [月월.] \x{20}? (?&day) [日일]?
            )
            (?! [0-9] )
            """#
    )
}
