import Gemma
import Synchronization

/// Harmless little sentences in endless variety.
struct NeutralSentences: Sendable {
    private var state: UInt64

    private static let words: [[String]] = [
        [
            "The careful", "A cheerful", "Our old", "That patient", "Every young", "My quiet", "Some tired",
            "Her clever", "One busy", "His friendly", "Another curious", "The tall", "Your kind", "A retired",
            "Their new", "The punctual",
        ],
        [
            "gardener", "baker", "librarian", "ferryman", "teacher", "carpenter", "musician", "tailor", "postman",
            "painter", "fisherman", "printer", "clockmaker", "beekeeper", "student", "cook",
        ],
        [
            "counted", "repaired", "described", "painted", "collected", "cleaned", "borrowed", "photographed",
            "measured", "sorted", "carried", "polished", "labelled", "admired", "ordered", "returned",
        ],
        [
            "the wooden boats", "a basket of tomatoes", "seven blue books", "the garden chairs", "two bicycles",
            "an old map", "the paper lanterns", "a box of letters", "the winter coats", "some apple trees",
            "the station clock", "a set of spoons", "three kites", "the kitchen windows", "a woollen blanket",
            "the oars",
        ],
        [
            "beside the harbour", "in the village hall", "behind the bakery", "near the river", "at the market",
            "under the bridge", "in the reading room", "on the hill", "by the lighthouse", "across the square",
            "in the orchard", "at the school", "along the canal", "on the veranda", "outside the museum",
            "in the workshop",
        ],
        [
            "before breakfast", "on a rainy Tuesday", "until the evening", "during the spring fair", "after lunch",
            "while it snowed", "at noon", "every other week", "in early autumn", "on Sunday morning", "late in May",
            "for the first time", "without any hurry", "as usual", "that summer", "just in time",
        ],
    ]

    /// - Parameter seed: equal seeds give equal sentences.
    init(seed: UInt64) { state = seed }

    /// A number of 24 random bits.
    mutating func random() -> UInt64 {
        // Knuth's constants (MMIX); the high bits are the random ones.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 40
    }

    /// The next sentence, with a space behind it.
    mutating func next() -> String {
        let number = random()
        let parts = Self.words.enumerated().map { index, choices in choices[Int(number >> (4 * index) & 15)] }
        return parts.joined(separator: " ") + ". "
    }
}

/// Harmless texts of a wanted length, no two alike.
final class NeutralTexts: Sendable {
    private let tokenizer: Tokenizer
    private let sentences: Mutex<NeutralSentences>

    /// - Parameter seed: equal seeds give equal texts.
    init(_ tokenizer: Tokenizer, seed: UInt64) {
        self.tokenizer = tokenizer
        sentences = Mutex(NeutralSentences(seed: seed))
    }

    /// The tokens of the next text, exactly so many.
    func tokens(_ count: Int) -> [TokenID] {
        var text = ""
        var tokens: [TokenID] = []
        while tokens.count < count {
            repeat { text += sentences.withLock { $0.next() } } while text.utf8.count < 5 * count
            tokens = tokenizer.encode(text)
        }
        return Array(tokens.prefix(count))
    }

    /// The next text, of about so many tokens: where the last word is cut, one may be two.
    func text(_ count: Int) -> String {
        tokenizer.decode(tokens(count))
    }
}
