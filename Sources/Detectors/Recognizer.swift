internal import Foundation
internal import Moderation

/// Knows the forms of one kind of data: for each, a pattern that finds candidates, and a check that a pattern can't make.
struct Recognizer: Sendable {
    /// The text that is searched.
    typealias Text = UnsafeBufferPointer<UInt8>
    /// Where the match of a candidate ends; nil when the candidate isn't one.
    typealias Acceptance = @Sendable (Text, Range<Int>) throws(PatternSearchError) -> Int?

    /// What it finds, such as `credit_card`.
    let label: String
    /// The most bytes of a match that can have been read before it is recognised.
    let holdBackBytes: Int

    private let literals: [[UInt8]]
    private let needs: ByteSet?
    private var forms: [(pattern: CompiledPattern, accept: Acceptance)]

    /// Compiles a recognizer of one form.
    ///
    /// - Parameters:
    ///   - literals: ASCII text of which some must be there for a match; makes most searches short.
    ///   - needs: ASCII characters of which one at least stands in every match.
    /// - Precondition: `pattern` compiles and, where it repeats, repeats within bounds or possessively: these patterns run on
    ///   every text and must not reach a limit.
    init(
        _ label: String,
        holdBackBytes: Int,
        literals: [String] = [],
        needs: String? = nil,
        pattern: String,
        accept: @escaping Acceptance = { _, range throws(PatternSearchError) in range.upperBound }
    ) {
        self.label = label
        self.holdBackBytes = holdBackBytes
        self.literals = literals.map { Array($0.utf8) }
        self.needs = needs.map { ByteSet($0) }
        forms = [(CompiledPattern(builtIn: pattern), accept)]
    }

    /// The same recognizer, with a further form.
    func or(_ pattern: String, accept: @escaping Acceptance) -> Recognizer {
        var recognizer = self
        recognizer.forms.append((CompiledPattern(builtIn: pattern), accept))
        return recognizer
    }

    /// Every match in `text`, in order of position.
    func matches(in text: Text) throws(PatternSearchError) -> [Match] {
        guard literals.isEmpty || literals.contains(where: { Self.contains(text, $0) }) else { return [] }
        guard needs?.stands(in: text) ?? true else { return [] }
        var found: [Match] = []
        for (pattern, accept) in forms { found += try matches(of: pattern, accept, in: text) }
        return forms.count == 1 ? found : found.union()
    }

    private func matches(
        of pattern: CompiledPattern,
        _ accept: Acceptance,
        in text: Text
    ) throws(PatternSearchError) -> [Match] {
        var search = try PatternSearch(pattern, text: text)
        var found: [Match] = []
        var position = 0
        while let candidate = try search.next(from: position) {
            guard let end = try accept(text, candidate) else {
                position = search.scalarBoundary(atOrAfter: candidate.lowerBound + 1)
                continue
            }
            let range = candidate.lowerBound..<end
            found.append(Match(range: range, label: label, replacement: "[\(label.uppercased())]"))
            position = end
        }
        return found
    }
}

extension Recognizer {
    private static func contains(_ text: Text, _ literal: [UInt8]) -> Bool {
        guard let base = text.baseAddress, let first = literal.first else { return false }
        var position = 0
        while position + literal.count <= text.count {
            guard let found = memchr(base + position, Int32(first), text.count - position) else { return false }
            position = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            if position + literal.count <= text.count, memcmp(found, literal, literal.count) == 0 { return true }
            position += 1
        }
        return false
    }
}

extension CompiledPattern {
    /// Compiles a pattern of this target, with ASCII classes and free spacing.
    ///
    /// - Precondition: the pattern compiles.
    convenience init(builtIn pattern: String) {
        do throws(PatternSyntaxError) {
            try self.init("(?x)" + pattern, alphabet: .ascii)
        } catch {
            preconditionFailure("built-in pattern: \(error.message) at character \(error.offset - 3)")
        }
    }
}

/// Runs several recognizers over one text.
struct RecognizerDetector: Sendable {
    let recognizers: [Recognizer]

    func matches(in text: String) throws(PatternSearchError) -> [Match] {
        try text.withUTF8Bytes { bytes throws(PatternSearchError) in
            var found: [Match] = []
            for recognizer in recognizers { found += try recognizer.matches(in: bytes) }
            return found.union()
        }
    }
}
