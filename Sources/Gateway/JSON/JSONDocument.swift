/// A JSON document that can be changed in places while every other byte stays as it came.
public struct JSONDocument: Sendable, Hashable {
    /// What to do with half of a surrogate pair in an escape.
    public enum LoneSurrogates: Sendable, Hashable {
        /// Refuse the document.
        case reject
        /// Read it as U+FFFD; the bytes stay.
        case replace
    }

    /// A change: these bytes in place of those.
    public struct Edit: Sendable, Hashable {
        /// What is replaced.
        public var range: Range<Int>
        /// What stands there instead.
        public var replacement: String

        /// Creates a change.
        public init(range: Range<Int>, replacement: String) {
            self.range = range
            self.replacement = replacement
        }
    }

    /// The document as it came.
    public let bytes: [UInt8]
    /// Its outermost value.
    public let root: JSONValue

    /// Scans a document.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, without a byte-order mark.
    ///   - maxDepth: how many arrays and objects may stand inside each other.
    ///   - maxValues: how many values there may be; each takes more memory than it has bytes.
    ///   - surrogates: what to do with half of a surrogate pair.
    /// - Throws: ``JSONError``; see ``JSONError/Reason``.
    public init(
        _ bytes: [UInt8],
        maxDepth: Int = 128,
        maxValues: Int = 1_000_000,
        surrogates: LoneSurrogates = .reject
    ) throws(JSONError) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw JSONError(.invalidUTF8, at: 0) }
        var scanner = JSONScanner(bytes, maxDepth: maxDepth, maxValues: maxValues, surrogates: surrogates)
        root = try scanner.scan()
        self.bytes = bytes
    }

    /// The text of a string value; nil for anything else.
    public func string(_ value: JSONValue?) -> String? {
        guard let value, value.isString else { return nil }
        return JSONText.decoded(bytes[value.range])
    }

    /// The value as a whole number; nil for anything else.
    public func integer(_ value: JSONValue?) -> Int? {
        guard let value, value.kind == .number else { return nil }
        return Int(String(decoding: bytes[value.range], as: UTF8.self))
    }

    /// The value that an RFC 6901 pointer names; nil when there is none.
    ///
    /// A last step ``JSONText/keyStep`` names the key of the member before it, as a string.
    public func value(at pointer: String) -> JSONValue? {
        guard !pointer.isEmpty else { return root }
        guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
        var value = root
        var key: JSONValue?
        for step in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            if step == JSONText.keyStep { return key }
            key = nil
            let next: JSONValue?
            switch value.kind {
            case .object(let members):
                let name = Self.unescaped(step)
                let member = members.first { $0.key.utf8.elementsEqual(name.utf8) }
                key = member.map { JSONValue(kind: .string, range: $0.keyRange) }
                next = member?.value
            case .array(let elements):
                next = Int(step).flatMap { $0 >= 0 && $0 < elements.count && String($0) == step ? elements[$0] : nil }
            default:
                next = nil
            }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    private static func unescaped(_ step: Substring) -> String {
        guard step.utf8.contains(UInt8(ascii: "~")) else { return String(step) }
        var out = ""
        var isEscape = false
        for scalar in step.unicodeScalars {
            switch (isEscape, scalar) {
            case (true, "1"): out += "/"
            case (true, _): out += "~"
            case (false, "~"): break
            default: out.unicodeScalars.append(scalar)
            }
            isEscape = !isEscape && scalar == "~"
        }
        return out
    }

    /// The document with some stretches replaced and every other byte as it came.
    ///
    /// - Precondition: the ranges lie in the document and don't overlap; their order doesn't matter.
    public func replacing(_ edits: [Edit]) -> [UInt8] {
        guard !edits.isEmpty else { return bytes }
        var out: [UInt8] = []
        var position = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            precondition(
                edit.range.lowerBound >= position,
                "edit at \(edit.range) overlaps one that ends at \(position)"
            )
            out += bytes[position..<edit.range.lowerBound]
            out += edit.replacement.utf8
            position = edit.range.upperBound
        }
        return out + bytes[position...]
    }

    /// The key of a member, where it could say something: not one word of ASCII, or longer than names are.
    func keyWords(of member: JSONMember, at pointer: String) -> [(pointer: String, value: JSONValue)] {
        let isName = member.keyRange.count <= 66 && isOneWord(member.keyRange)
        return isName ? [] : [("\(pointer)/\(JSONText.keyStep)", JSONValue(kind: .string, range: member.keyRange))]
    }

    /// Whether a string's literal has neither space nor escapes, and no letter beyond ASCII.
    func isOneWord(_ literal: Range<Int>) -> Bool {
        bytes[literal].allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
    }

    /// Every string below a value, with its pointer; keys too that are more than a name.
    func strings(below value: JSONValue, at pointer: String) -> [(pointer: String, value: JSONValue)] {
        switch value.kind {
        case .string:
            [(pointer, value)]
        case .array(let elements):
            elements.enumerated().flatMap { strings(below: $1, at: "\(pointer)/\($0)") }
        case .object(let members):
            members.flatMap { member in
                let place = pointer + JSONText.pointerStep(member.key)
                return keyWords(of: member, at: place) + strings(below: member.value, at: place)
            }
        case .number, .bool, .null:
            []
        }
    }
}
