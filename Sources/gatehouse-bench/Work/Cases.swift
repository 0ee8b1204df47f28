import Foundation
import Gemma
import Shield

/// The token ids that every contestant gets; bench/README.md describes the file.
///
/// In the layout `shield-1` whatever the model's template: what is timed is the same work for all.
struct Cases: Encodable {
    /// By the number of their content's tokens.
    let texts: [String: [TokenID]]
    /// Eight.
    let questions: [[TokenID]]
    /// By their lengths.
    let prefill: [String: [TokenID]]
    let yes: TokenID
    let no: TokenID

    static let textTokens = [50, 200, 800]
    static let prefillTokens = [64, 256, 512]

    init(_ setup: Setup) throws {
        let tokenizer = setup.engine.model.tokenizer
        func id(_ piece: String) throws(BenchError) -> TokenID {
            guard let id = tokenizer.id(of: piece) else { throw .missingToken(name: piece) }
            return id
        }
        let (bos, start, end) = (try id("<bos>"), try id("<start_of_turn>"), try id("<end_of_turn>"))
        let newline = tokenizer.encode("\n")
        let head = [bos, start] + tokenizer.encode("user") + newline
        var texts: [String: [TokenID]] = [:]
        for count in Self.textTokens {
            texts["\(count)"] = head + NeutralTexts(tokenizer, seed: 1).tokens(count) + [end] + newline
        }
        self.texts = texts
        questions = setup.principles.prefix(8).map { principle in
            [start] + tokenizer.encode("policy") + newline + tokenizer.encode(principle)
                + tokenizer.encode("\nViolation:")
        }
        let longest = texts.values.max { $0.count < $1.count } ?? []
        prefill = Dictionary(uniqueKeysWithValues: Self.prefillTokens.map { ("\($0)", Array(longest.prefix($0))) })
        (yes, no) = try setup.answers()
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try encoder.encode(self).write(to: URL(fileURLWithPath: path))
    }
}
