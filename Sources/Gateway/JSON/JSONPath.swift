/// Where strings stand in documents of one shape: a JSON pointer (RFC 6901) such as `/message`, or the plain part of
/// JSONPath (RFC 9535): `$.a.b`, `$['a b']`, `$.list[0]`, `$.list[-1]`, `$.list[*].text`.
public struct JSONPath: Sendable, Hashable, CustomStringConvertible {
    /// One step down.
    enum Step: Sendable, Hashable {
        /// The member of an object, or the element of an array where it is a number.
        case key(String)
        /// The element of an array; counted from the end where it is negative.
        case index(Int)
        /// Every element or member.
        case every
    }

    /// The path as it was written.
    public let description: String
    /// The way from the document's root.
    let steps: [Step]

    /// Reads a path.
    ///
    /// - Throws: ``JSONPathError``: where the path stops making sense, and what could stand there.
    public init(_ text: String) throws(JSONPathError) {
        description = text
        var parser = Parser(rest: Substring(text))
        steps = try parser.parse()
    }

    /// Names of members on the way.
    var keys: [String] {
        steps.compactMap { if case .key(let key) = $0 { key } else { nil } }
    }

    /// The values that the path names in a document, with their pointers, in document order.
    ///
    /// - Parameter depth: how many steps to go; nil for all.
    package func values(in document: JSONDocument, depth: Int? = nil) -> [(pointer: String, value: JSONValue)] {
        steps.prefix(depth ?? steps.count).reduce(into: [(pointer: "", value: document.root)]) { found, step in
            found = found.flatMap { Self.values(under: $0.value, at: $0.pointer, step: step) }
        }
    }

    private static func values(
        under value: JSONValue,
        at pointer: String,
        step: Step
    ) -> [(pointer: String, value: JSONValue)] {
        switch (step, value.kind) {
        case (.key(let key), .object):
            return value[key].map { [(pointer + JSONText.pointerStep(key), $0)] } ?? []
        case (.key(let key), .array):
            guard let index = Int(key), String(index) == key else { return [] }
            return values(under: value, at: pointer, step: .index(index))
        case (.index(let index), .array(let elements)):
            let position = index < 0 ? elements.count + index : index
            return elements.indices.contains(position) ? [("\(pointer)/\(position)", elements[position])] : []
        case (.every, .array(let elements)):
            return elements.enumerated().map { ("\(pointer)/\($0)", $1) }
        case (.every, .object(let members)):
            return members.map { (pointer + JSONText.pointerStep($0.key), $0.value) }
        default:
            return []
        }
    }

    /// The smallest document that has a value there.
    ///
    /// - Parameter literal: the value, as JSON writes it.
    package func document(holding literal: String) -> String {
        steps.reversed().reduce(literal) { inner, step in
            switch step {
            case .key(let key): "{\(JSONText.quoted(key)):\(inner)}"
            case .index(let index): "[" + String(repeating: "null,", count: max(0, index)) + inner + "]"
            case .every: "[\(inner)]"
            }
        }
    }
}

/// Why a text is not a path.
public struct JSONPathError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which character, from 1.
    public var position: Int
    /// What could stand there.
    public var expected: String

    /// Place and expectation.
    public var description: String { "expected \(expected) at character \(position)" }
}

// MARK: - Parsing

extension JSONPath {
    private struct Parser {
        let count: Int
        var rest: Substring

        init(rest: Substring) {
            self.rest = rest
            count = rest.count
        }

        mutating func parse() throws(JSONPathError) -> [Step] {
            if rest.first == "/" { return try pointer() }
            guard rest.first == "$" else { throw error("'$' or '/'") }
            rest.removeFirst()
            var steps: [Step] = []
            while let character = rest.first {
                switch character {
                case ".": steps.append(try afterDot())
                case "[": steps.append(try inBrackets())
                default: throw error("'.', '[' or the end")
                }
            }
            return steps
        }

        private func error(_ expected: String) -> JSONPathError {
            JSONPathError(position: count - rest.count + 1, expected: expected)
        }

        private mutating func pointer() throws(JSONPathError) -> [Step] {
            var steps: [Step] = []
            while !rest.isEmpty {
                rest.removeFirst()
                var key = ""
                while let character = rest.first, character != "/" {
                    rest.removeFirst()
                    guard character == "~" else {
                        key.append(character)
                        continue
                    }
                    guard let digit = rest.first, digit == "0" || digit == "1" else {
                        throw error("'0' or '1' after '~'")
                    }
                    rest.removeFirst()
                    key.append(digit == "0" ? "~" : "/")
                }
                steps.append(.key(key))
            }
            return steps
        }

        private mutating func afterDot() throws(JSONPathError) -> Step {
            rest.removeFirst()
            if rest.first == "*" {
                rest.removeFirst()
                return .every
            }
            let key = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
            guard !key.isEmpty else { throw error("a name or '*'") }
            rest.removeFirst(key.count)
            return .key(String(key))
        }

        private mutating func inBrackets() throws(JSONPathError) -> Step {
            rest.removeFirst()
            let step: Step
            switch rest.first {
            case "*":
                rest.removeFirst()
                step = .every
            case "'", "\"":
                step = .key(try quoted(by: rest.removeFirst()))
            default:
                let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == "-") }
                guard let index = Int(digits), (-99...99).contains(index) else {
                    throw error("a name in quotes, '*' or a number from -99 to 99")
                }
                rest.removeFirst(digits.count)
                step = .index(index)
            }
            guard rest.first == "]" else { throw error("']'") }
            rest.removeFirst()
            return step
        }

        private mutating func quoted(by quote: Character) throws(JSONPathError) -> String {
            var key = ""
            while let character = rest.first, character != quote {
                rest.removeFirst()
                if character == "\\", let next = rest.first {
                    rest.removeFirst()
                    key.append(next)
                } else {
                    key.append(character)
                }
            }
            guard !rest.isEmpty else { throw error("the closing \(quote)") }
            rest.removeFirst()
            return key
        }
    }
}
