import Audit
import Foundation

/// A parameter of a query, or a member of a body: what it may be, and what it is for.
struct AdminParameter: Sendable, Hashable {
    /// What a value may be.
    enum Kind: Sendable, Hashable {
        /// Anything that is not empty; the store says what is wrong with it.
        case text
        /// `true` or `false`.
        case flag
        /// A whole number.
        case count(ClosedRange<Int>, standard: Int)
        /// A number from 0 to 1.
        case share(standard: Double)
        /// One of some words.
        case choice([String])
    }

    /// Its name.
    var name: String
    /// What a value may be.
    var kind: Kind
    /// What it is for, in a sentence.
    var help: String
    /// Whether it must be there.
    var isRequired = false
    /// Whether it may be given several times.
    var isList = false
    /// What its use takes, where that is more than the route takes; a flag that is `false` takes nothing.
    var role: AdminRole?

    init(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        isRequired: Bool = false,
        isList: Bool = false,
        role: AdminRole? = nil
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.isRequired = isRequired
        self.isList = isList
        self.role = role
    }

    /// Values that a list may have.
    static let maxValues = 8
    /// Characters that a text may have; a checkpoint has some 500.
    static let maxCharacters = 1024

    /// What a value must be, in words.
    var expectation: String {
        switch kind {
        case .text: "a text of 1 to \(Self.maxCharacters) characters"
        case .flag: "true or false"
        case .count(let range, _): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .share: "a number from 0 to 1"
        case .choice(let words): "one of " + words.joined(separator: ", ")
        }
    }

    /// Whether a value can be one.
    func accepts(_ text: String) -> Bool {
        switch kind {
        case .text: (1...Self.maxCharacters).contains(text.unicodeScalars.count) && !text.utf8.contains(0)
        case .flag: Bool(text) != nil
        case .count(let range, _): Int(text).map(range.contains) ?? false
        case .share: Double(text).map((0...1).contains) ?? false
        case .choice(let words): words.contains(text)
        }
    }
}

extension AdminParameter {
    /// The conditions of `gatehouse audit list`, in the same words, and the name of some that were saved.
    static let filter: [AdminParameter] =
        FilterWord.allCases.map { word in
            AdminParameter(
                word.rawValue,
                word == .unscanned ? .flag : .text,
                word.help,
                isList: word.isList,
                role: word == .text ? textSearchRole : nil
            )
        } + [
            AdminParameter(
                savedQuery,
                .text,
                "A saved query; conditions that are given hold besides, or instead of its own of the same name."
            )
        ]

    /// To look for words in kept texts is to read them: who may try words learns what was written.
    static let textSearchRole = AdminRole.reviewer

    /// The parameter that names a saved query.
    static let savedQuery = "query"

    static let content = AdminParameter(
        "content",
        .flag,
        "Whether kept texts, their digests and reviewers' notes are shown too; that is recorded as an act.",
        role: .reviewer
    )

    static let after = AdminParameter("after", .text, "Go on after the page that ended with this cursor.")

    static func limit(_ standard: Int) -> AdminParameter {
        AdminParameter(
            "limit",
            .count(1...1000, standard: standard),
            "At most so many; \(standard) when nothing is said."
        )
    }
}

/// What a request gave for the parameters of a route, each checked.
struct AdminValues: Sendable {
    private let parameters: [String: AdminParameter]
    private let values: [String: [String]]

    /// Checks what was given against what there is.
    ///
    /// - Parameters:
    ///   - given: names and values, in the order in which they came.
    ///   - parameters: what there is.
    ///   - noun: what a name is called: `parameter` or `member`.
    /// - Throws: ``AdminRefusal``.
    init(_ given: [(name: String, value: String)], _ parameters: [AdminParameter], noun: String) throws(AdminRefusal) {
        let known = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0) })
        var values: [String: [String]] = [:]
        for (name, value) in given {
            guard let parameter = known[name] else {
                let names = parameters.map(\.name).sorted().joined(separator: ", ")
                throw AdminRefusal(
                    .unknownParameter,
                    "'\(Self.shown(name))' is not a \(noun) here; expected "
                        + (parameters.isEmpty ? "none" : "some of \(names)"),
                    parameter: Self.shown(name)
                )
            }
            guard parameter.isList || values[name] == nil else {
                throw AdminRefusal(
                    .wrongParameter,
                    "the \(noun) '\(name)' is given twice; expected one value",
                    parameter: name
                )
            }
            guard parameter.accepts(value) else {
                let found =
                    parameter.kind == .text
                    ? "a text of \(value.unicodeScalars.count) characters" : "'\(Self.shown(value))'"
                throw AdminRefusal(
                    .wrongParameter,
                    "\(found) is no value of the \(noun) '\(name)'; expected \(parameter.expectation)",
                    parameter: name
                )
            }
            values[name, default: []].append(value)
            guard values[name]?.count ?? 0 <= AdminParameter.maxValues else {
                throw AdminRefusal(
                    .wrongParameter,
                    "the \(noun) '\(name)' is given too often; expected it \(AdminParameter.maxValues) times at most",
                    parameter: name
                )
            }
        }
        for parameter in parameters where parameter.isRequired && values[parameter.name] == nil {
            throw AdminRefusal(
                .missingParameter,
                "the \(noun) '\(parameter.name)' is missing; expected \(parameter.expectation)",
                parameter: parameter.name
            )
        }
        self.parameters = known
        self.values = values
    }

    /// Names of those that were given, with the role that their use takes.
    var needs: [(name: String, role: AdminRole)] {
        parameters.values.compactMap { parameter in
            guard let role = parameter.role, let given = values[parameter.name] else { return nil }
            return parameter.kind == .flag && given == ["false"] ? nil : (parameter.name, role)
        }
    }

    /// A text; nil where none was given.
    func text(_ name: String) -> String? { values[name]?.first }

    /// All texts of a list.
    func texts(_ name: String) -> [String] { values[name] ?? [] }

    /// A flag; false where none was given.
    func flag(_ name: String) -> Bool { text(name) == "true" }

    /// A whole number.
    func count(_ name: String) -> Int {
        guard case .count(_, let standard)? = parameters[name]?.kind else {
            preconditionFailure("the route has no count '\(name)'")
        }
        return text(name).flatMap { Int($0) } ?? standard
    }

    /// A number from 0 to 1.
    func share(_ name: String) -> Double {
        guard case .share(let standard)? = parameters[name]?.kind else {
            preconditionFailure("the route has no share '\(name)'")
        }
        return text(name).flatMap { Double($0) } ?? standard
    }

    /// A cursor; nil where none was given.
    func cursor() throws -> AuditCursor? { try text("after").map { text in try AuditCursor(text) } }

    /// The conditions among them.
    func filterWords() throws(AuditError) -> FilterWords {
        var words = FilterWords()
        for word in FilterWord.allCases {
            for text in texts(word.rawValue) { try words.add(text, as: word) }
        }
        return words
    }

    private static func shown(_ text: String) -> String {
        String(text.prefix(60).map { $0.isASCII && !$0.isNewline && $0 >= " " ? $0 : "?" })
    }
}
