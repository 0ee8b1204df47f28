import Foundation

/// A JSON value as it was read.
enum ReadJSON: Decodable, Hashable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([ReadJSON])
    case object([String: ReadJSON])

    init(_ text: String) throws { self = try JSONDecoder().decode(ReadJSON.self, from: Data(text.utf8)) }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([ReadJSON].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: ReadJSON].self))
        }
    }

    subscript(name: String) -> ReadJSON? { members[name] }

    subscript(index: Int) -> ReadJSON? { list.indices.contains(index) ? list[index] : nil }

    var members: [String: ReadJSON] {
        guard case .object(let members) = self else { return [:] }
        return members
    }

    var list: [ReadJSON] {
        guard case .list(let list) = self else { return [] }
        return list
    }

    var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    var number: Double? {
        guard case .number(let number) = self else { return nil }
        return number
    }
}

/// Checks JSON against the schemas of an OpenAPI document: those words of JSON Schema that the document uses.
struct SchemaCheck {
    let document: ReadJSON

    /// What is wrong with a value; empty when nothing is.
    func faults(_ value: ReadJSON, _ schema: ReadJSON, at place: String = "") -> [String] {
        if let name = schema["$ref"]?.text?.split(separator: "/").last {
            guard let schema = document["components"]?["schemas"]?[String(name)] else { return ["no schema \(name)"] }
            return faults(value, schema, at: place)
        }
        if let some = schema["oneOf"]?.list {
            let fitting = some.count { faults(value, $0).isEmpty }
            return fitting == 1 ? [] : ["\(place) fits \(fitting) of oneOf"]
        }
        if let words = schema["enum"]?.list, !words.contains(value) { return ["\(place) is none of the enum"] }
        if let word = schema["const"], word != value { return ["\(place) is not the constant"] }
        switch (schema["type"]?.text, value) {
        case ("object", .object(let members)): return object(members, schema, place)
        case ("array", .list(let values)):
            return values.enumerated().flatMap { index, value in
                faults(value, schema["items"] ?? .object([:]), at: "\(place)/\(index)")
            }
        case ("string", .text(let text)):
            let pattern = schema["pattern"]?.text
            let fits = pattern.map { text.range(of: $0, options: .regularExpression) != nil } ?? true
            return fits ? [] : ["\(place) does not fit \(pattern ?? "")"]
        case ("boolean", .flag): return []
        case ("integer", .number(let number)) where number != number.rounded(): return ["\(place) is not whole"]
        case ("integer", .number(let number)), ("number", .number(let number)):
            let least = schema["minimum"]?.number ?? -.infinity
            let most = schema["maximum"]?.number ?? .infinity
            return (least...most).contains(number) ? [] : ["\(place) is out of range"]
        case (nil, _): return []
        case (let type, _): return ["\(place) is no \(type ?? "")"]
        }
    }

    private func object(_ members: [String: ReadJSON], _ schema: ReadJSON, _ place: String) -> [String] {
        let missing = (schema["required"]?.list ?? []).compactMap(\.text).filter { members[$0] == nil }
        let others = schema["additionalProperties"]
        return missing.map { "\(place)/\($0) is missing" }
            + members.flatMap { name, value in
                if let schema = schema["properties"]?[name] { return faults(value, schema, at: "\(place)/\(name)") }
                guard let others, others != .flag(false) else {
                    return others == nil ? [] : ["\(place)/\(name) is not described"]
                }
                return faults(value, others, at: "\(place)/\(name)")
            }
    }
}
