/// Words that are in nearly every English text; they tell language from noise.
enum CommonWords {
    private static let words =
        """
        a about above across act add after again against age ago agree air all allow almost alone along already also always am \
        among an and animal another answer any anyone anything apart appear apply are area arm around art as ask at attack away \
        baby back bad bag ball bank base be because become bed been before began begin behind believe below best better between \
        big bit black blood blue board boat body book both box boy break bring brother brought build building built business \
        but buy by call came can car card care carry case cat catch cause change check child children church city class clean \
        clear close code cold come common company computer could country course create cup cut dad dark data date day days dead \
        deal death deep detail did die different do doctor does dog doing done door down draw dream drink drive drop drug dry \
        during each early earth easy eat edge eight either else end enough enter even evening ever every everyone everything \
        example explain eye eyes face fact fall family far farm fast father feel feet felt few field fight figure file fill find \
        fine fire first fish five floor fly follow food foot for force forget form found four free friend friends from front \
        full fun game gave get getting girl give given go goes going gold gone good got great green ground group grow guess gun \
        had hair half hand hands happen happy hard has hate have he head hear heard heart heat heavy held hello help her here \
        high him himself his hit hold home hope horse hot hour hours house how however human hundred hurt idea if ignore \
        important in inside instead instructions into is it its itself job just keep kept key kid kids kill kind king knew know \
        known land language large last late later laugh law lay lead learn least leave left leg less let letter letters level \
        lie life light like line list listen little live living long look looking lost lot love low machine made main make \
        makes making man many map mark matter may maybe me mean means men message might mile mind mine minute minutes miss money \
        month moon more morning most mother mountain move much music must my myself name near need never new news next nice \
        night nine no none nor north not note nothing notice now number of off office often oh oil old on once one only open or \
        order other our out outside over own page paper part party pass past pay people perhaps person picture piece place plan \
        plane plant play please point police poor possible power prompt previous problem public pull push put question quick \
        quite rain ran rather read ready real really reason red remember reply rest reveal right river road rock room rule rules \
        run said same sat saw say says school science sea second secret see seem seen self sell send sense sentence set seven \
        several sex shall she ship shoot short should show side sign simple since sing sister sit six size sky sleep slow small \
        so some someone something sometimes song soon sorry sound south speak stand star start state stay steal step steps still \
        stone stood stop story street strong student study such sun sure system table take talk teach teacher tell ten test text \
        than thank that the their them themselves then there these they thing things think this those though thought three \
        through time times to today together told tomorrow tonight too took top toward town tree tried true try turn turned two \
        under understand until up upon us use used user using usually very voice wait walk wall want war warm was wash watch \
        water way ways we weapon wear week well went were west what wheel when where whether which while white who whole why wife \
        will win wind window wish with within without woman women wood word words work working world worse would write writing \
        wrong wrote year years yes yet you young your yours yourself
        """

    /// The longest of them, in letters; ``Code`` has room for no more.
    static let longest = 12

    private static let codes = Set(
        words.split(separator: " ").map { word in word.unicodeScalars.reduce(Code()) { $0.adding($1.value) } }
    )

    /// A word as a number: five bits a letter.
    struct Code: Hashable {
        private var bits: UInt64 = 0
        private var count = 0
        private var isWord = true

        /// With another letter behind it; case makes no difference.
        func adding(_ letter: UInt32) -> Code {
            var code = self
            code.bits = bits << 5 | place(of: letter, in: &code)
            code.count += 1
            return code
        }

        /// With another letter before it.
        func adding(before letter: UInt32) -> Code {
            var code = self
            code.bits |= place(of: letter, in: &code) << (5 * UInt64(count))
            code.count += 1
            return code
        }

        private func place(of letter: UInt32, in code: inout Code) -> UInt64 {
            let lower = Scalars.lowercased(letter)
            code.isWord = code.isWord && (0x61...0x7A).contains(lower) && count < CommonWords.longest
            return code.isWord ? UInt64(lower - 0x60) : 0
        }

        /// Whether it is one of the words.
        var isCommon: Bool { isWord && CommonWords.codes.contains(self) }
    }

    /// Where words begin in letters that stand without spaces; the first is 0.
    ///
    /// Known words are cheap, and a stretch that is none costs by its length, so that one unknown word among known ones comes
    /// out whole.
    static func starts(in letters: [UInt32]) -> [Int] {
        // For each place, the cheapest way to it that ends in a known word, and in a stretch that is none.
        var known: [(cost: Int, from: Int)] = [(0, 0)]
        var unknown: [(cost: Int, from: Int)] = [(Int.max / 2, 0)]
        for end in letters.indices.map({ $0 + 1 }) {
            var best = (cost: Int.max / 2, from: 0)
            var code = Code()
            for start in (max(0, end - longest)..<end).reversed() {
                code = code.adding(before: letters[start])
                guard code.isCommon else { continue }
                let cost = min(known[start].cost, unknown[start].cost) + (end - start == 1 ? 1 : 2)
                if cost < best.cost { best = (cost, start) }
            }
            known.append(best)
            let begun = (cost: known[end - 1].cost + 5, from: end - 1)
            let carried = (cost: unknown[end - 1].cost + 2, from: unknown[end - 1].from)
            unknown.append(begun.cost < carried.cost ? begun : carried)
        }
        var starts: [Int] = []
        var end = letters.count
        while end > 0 {
            let start = known[end].cost <= unknown[end].cost ? known[end].from : unknown[end].from
            // Before an unknown stretch stands a known word; after a known word anything.
            starts.append(start)
            end = start
        }
        return starts.reversed()
    }
}
