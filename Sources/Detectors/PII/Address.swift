internal import Moderation

extension Recognizer {
    /// Streets with a house number, in the forms of a number of countries, and post boxes.
    ///
    /// Names begin with a capital letter; an English street in small letters is only taken behind words that announce an
    /// address.
    static let streetAddress = Recognizer(
        PIIKind.streetAddress.rawValue,
        holdBackBytes: 224,
        pattern: #"""
            (?(DEFINE)
                (?<name> [A-Z\x{C0}-\x{DE}\x{100}-\x{17F}] [A-Za-z\x{C0}-\x{24F}'’.\-]{1,24}+ )
                (?<number> [0-9]{1,5} [A-Za-z]? (?: [\-/] [0-9]{1,4} [A-Za-z]? )? )
                (?<way>
                    Street | St | Avenue | Ave | Road | Rd | Boulevard | Blvd | Lane | Ln | Drive | Dr | Court | Ct | Place | Pl | Square | Sq
                |   Terrace | Ter | Way | Parkway | Pkwy | Circle | Cir | Highway | Hwy | Crescent | Cres | Close | Gardens | Gdns | Grove
                |   Mews | Row | Walk | Alley | Turnpike | Trail
                )
                (?<flat> ,? \x{20} (?i: apt | apartment | suite | ste | unit | flat | floor | [#] ) \.? \x{20}? [0-9A-Za-z\-]{1,6} )
            )
            (?<! [\w\x{C0}-\x{24F}\-/.] )
            (?:
                # 12 North Baker Street, Apt 4
                (?&number) \x{20}
                (?: (?: N | S | E | W | NE | NW | SE | SW ) \.? \x{20} )?
                (?: (?: (?&name) | [0-9]{1,3} (?: st | nd | rd | th ) ) \x{20} ){1,4}? (?&way) (?! [\w\-] ) \.? (?&flat)?+
            |   # … lives at 12 baker street
                (?i: (?: address | live[sd]? | living | reside[sd]? | residing | ship (?: ped | \x{20} it )? | deliver (?: ed | \x{20} it )?
                    | send \x{20} it | located | house | home ) (?: \x{20} is )? (?: \x{20} (?: at | to | on ) )? :? )
                \x{20} \K (?&number) \x{20} (?: [A-Za-z'\-]{2,20}+ \x{20} ){1,3}?
                (?i: street | avenue | ave | road | rd | boulevard | blvd | lane | drive | court | terrace | crescent ) (?! [\w\-] )
            |   # Hauptstraße 12a, Berliner Str. 5; Kerkstraat 3; Storgatan 7
                (?: (?&name) \x{20} ){0,2}
                (?:
                    [A-ZÄÖÜÅ] [A-Za-zÄÖÜäöüßåé\-]{1,40}?
                    (?i: straße | strasse | str\. | weg | gasse | platz | allee | (?<! [aeiouy] | \b st | \b sp | \b b ) ring | damm | ufer | chaussee | straat | laan | plein | gracht
                    |   kade | dijk | singel | gatan | vägen | gränd | (?<! \b bri | \b rene ) gade | vej | veien )
                |   (?: Straße | Strasse | Str\. | Weg | Gasse | Platz | Allee | Ring | Damm | Ufer | Chaussee )
                )
                \x{20} [0-9]{1,4} (?: \x{20}? [a-z] (?! \w ) )? (?: [\-/] [0-9]{1,4} )? (?! \w )
            |   # 5 bis, rue de la Paix
                [0-9]{1,4} (?: \x{20} (?: bis | ter ) )? ,? \x{20}
                (?i: rue | avenue | av\. | boulevard | bd | place | allée | chemin | impasse | quai | route | cours | passage )
                \x{20} (?: (?: de \x{20} la | de \x{20} l['’] | du | des | de | d['’] | la | le | les ) \x{20}? )?
                (?&name) (?: [\x{20}] (?: (?: de | du | des | la ) \x{20} )? (?&name) ){0,3}
            |   # Calle de Alcalá, 12; Rua Augusta 5; Via Roma, 3
                (?: Calle | C/ | Avenida | Avda\.? | Av\. | Plaza | Paseo | Camino | Carrer | Rua | Travessa | Praça | Via | Viale | Piazza | Corso | Vicolo )
                \x{20} (?: (?: de \x{20} las? | de \x{20} los | del | de | da | do | das | dos | della | dei ) \x{20} )?
                (?&name) (?: \x{20} (?: (?: de | del | da | do ) \x{20} )? (?&name) ){0,3} ,? \x{20} (?: (?: n | nº | n\.º | n° | no\. ) \x{20}? )?
                [0-9]{1,4} (?! [\w.] )
            |   # ul. Długa 5; ул. Ленина, д. 5; Atatürk Caddesi No: 5
                (?: ul | al | pl ) \. \x{20} (?&name) (?: \x{20} (?&name) ){0,2} \x{20} [0-9]{1,4} [A-Za-z]? (?: /[0-9]{1,4} )? (?! \w )
            |   (?: [Уу]л\. | [Уу]лица | [Пп]р(?:осп)?\. | [Пп]роспект | [Пп]ер\. ) \x{20} [А-ЯЁІЇЄҐ] [А-Яа-яёіїєґ\-]{2,24}+
                (?: \x{20} [А-ЯЁІЇЄҐ] [А-Яа-яёіїєґ\-]{2,24}+ )? ,? \x{20} (?: (?: д | буд | дом ) \.? \x{20}? )? [0-9]{1,4} (?! \w )
            |   (?&name) (?: \x{20} (?&name) )? \x{20} (?: Caddesi | Cad\. | Sokak | Sokağı | Sok\. | Bulvarı ) \x{20} (?: No \.? :? \x{20}? )? [0-9]{1,4} (?! \w )
            |   # post boxes
                (?i: P\.? \x{20}? O\.? \x{20} box | postfach | apartado | boîte \x{20} postale ) \x{20} [0-9]{1,6} (?! \w )
            )
            """#
    )
}
