import Moderation

/// One judgement in the words of OpenAI's moderation API.
struct ModerationResult: Sendable {
    /// OpenAI's categories; clients expect all of them.
    private static let categories = [
        "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
        "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic",
    ]
    /// The category of each shipped rule whose id says another name.
    ///
    /// A rule that is called as a category, with `-` for `/`, is of that category; any other rule is a category of its own.
    private static let categoryByRule = [
        "dangerous-content": "illicit", "hate-speech": "hate", "sexually-explicit": "sexual",
    ]

    private struct Entry {
        var isFlagged = false
        var score = 0.0
        var isJudged = false
    }

    private let isFlagged: Bool
    private let entries: [(category: String, entry: Entry)]

    /// Takes the strongest verdict and the highest score of the rules of each category.
    init(_ judgement: Judgement) {
        // What no detector reads is the record's to tell; here it would be a flag without a category.
        isFlagged = judgement.verdicts.contains { $0.effective >= .flag }
        var found = Dictionary(uniqueKeysWithValues: Self.categories.map { ($0, Entry()) })
        var names = Self.categories
        for verdict in judgement.verdicts {
            let name = Self.category(of: verdict.rule)
            if found[name] == nil { names.append(name) }
            var entry = found[name] ?? Entry()
            entry.isFlagged = entry.isFlagged || verdict.effective >= .flag
            entry.score = max(entry.score, Self.score(of: verdict, screen: judgement.screenScore))
            entry.isJudged = entry.isJudged || verdict.error == nil
            found[name] = entry
        }
        entries = names.map { ($0, found[$0] ?? Entry()) }
    }

    private static func category(of rule: String) -> String {
        categoryByRule[rule] ?? categories.first { $0.replacing("/", with: "-") == rule } ?? rule
    }

    /// A rule's score; the screen's, where that answered for the rule, since it is what was measured; for a rule without
    /// scores, whether it found something.
    private static func score(of verdict: Verdict, screen: Double?) -> Double {
        if let score = verdict.score { return score }
        return verdict.screenedOut ? screen ?? 0 : verdict.matches.isEmpty ? 0 : 1
    }

    /// The result object.
    var json: String {
        func object(_ value: (Entry) -> String) -> String {
            "{\(entries.map { "\(JSONText.quoted($0.category)):\(value($0.entry))" }.joined(separator: ","))}"
        }
        return "{\"flagged\":\(isFlagged),\"categories\":\(object { "\($0.isFlagged)" }),"
            + "\"category_scores\":\(object { "\($0.score)" }),"
            + "\"category_applied_input_types\":\(object { $0.isJudged ? "[\"text\"]" : "[]" })}"
    }
}
