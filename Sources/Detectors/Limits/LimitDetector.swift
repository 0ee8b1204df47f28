internal import Foundation
public import Moderation

/// Finds where a text passes a limit: too long, too many links, too much of the same, another language.
///
/// A match covers what goes beyond the limit: the characters after the last allowed one, the links after the last allowed
/// one, the text from where it repeats too much, or, for its language, the whole text. Of a growing text, a match for
/// length or links only reaches further; one for repetition or language is about the whole and may go.
public struct LimitDetector: Detector {
    /// Fewest words of a text whose repetition is measured.
    public static let fewestRepeatingWords = 40

    /// Limits are about the text as it is written.
    public var readingKinds: Set<Reading.Kind> { [] }

    private let limits: Limits
    private let links = Recognizer(
        "links",
        holdBackBytes: 32,
        pattern: #"""
            (?i: (?: https? | ftp | wss? ):// | (?<! [\w.@/] ) www\. (?= [a-z0-9] ) ) [^\s<>"'`\x{3000}-\x{303F}]++
            | (?<! [\w.@/\-] ) (?i: [a-z0-9] (?: [a-z0-9\-]{0,61} [a-z0-9] )? \. ){1,4}
              (?i: com | org | net | info | biz | io | dev | app | xyz | top | site | online | shop | link | click | live | me | co | ru | cn | tk | gg )
              (?: / [^\s<>"'`\x{3000}-\x{303F}]*+ | (?! [\w.@\-] ) )
            """#
    )

    /// Prepares the limits.
    ///
    /// - Throws: `DetectionError` when nothing is limited, a limit is out of range, or a language is not known.
    public init(_ limits: Limits) throws(DetectionError) {
        self.limits = limits
        if limits == Limits() {
            throw DetectionError(
                item: 0,
                message: "nothing is limited",
                help: "write max_characters, max_links, max_repetition or languages"
            )
        }
        for (name, number) in [("max_characters", limits.maxCharacters), ("max_links", limits.maxLinks)] {
            guard let number, number < 0 else { continue }
            throw DetectionError(item: 0, message: "\(name) is \(number); it can't be less than 0")
        }
        if let part = limits.maxRepetition, !(0...1).contains(part) {
            throw DetectionError(item: 0, message: "max_repetition is \(part); it is a part of the text, 0 to 1")
        }
        guard let languages = limits.languages else { return }
        for (item, language) in languages.enumerated() where !Language.known.contains(language) {
            throw DetectionError(
                item: item,
                message: "'\(language)' is not a language that can be told from others",
                help: "use two-letter codes: \(Language.known.joined(separator: ", "))"
            )
        }
    }

    /// What goes beyond a limit, labelled `length`, `links`, `repetition` or `language`.
    public func matches(in text: String) throws -> [Match] {
        var found: [Match] = []
        func add(_ range: Range<Int>, _ label: String) {
            guard !range.isEmpty else { return }
            found.append(Match(range: range, label: label, replacement: "[\(label.uppercased())]"))
        }
        let end = text.utf8.count
        if let most = limits.maxCharacters {
            let scalars = text.unicodeScalars
            if let index = scalars.index(scalars.startIndex, offsetBy: most, limitedBy: scalars.endIndex) {
                add(text.utf8.distance(from: text.startIndex, to: index)..<end, "length")
            }
        }
        if let most = limits.maxLinks {
            let places = try text.withUTF8Bytes { bytes throws(PatternSearchError) in try links.matches(in: bytes) }
            for place in places.dropFirst(most) { add(place.range, "links") }
        }
        if let most = limits.maxRepetition, let start = Repetition.start(in: text, beyond: most) {
            add(start..<end, "repetition")
        }
        if let welcome = limits.languages, let language = Language.of(text) {
            if !welcome.contains(where: { Language.isLike($0, language) }) { add(0..<end, "language") }
        }
        // A place may pass several limits, each of which has a name; the one that covers most comes first.
        return found.union()
    }
}
