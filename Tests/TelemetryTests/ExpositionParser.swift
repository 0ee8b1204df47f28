/// A small, strict reader of Prometheus text (0.0.4), written from the format's description and apart from the renderer.
struct Exposition {
    struct Sample: Hashable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    struct Malformed: Error {
        var line: String
    }

    var types: [String: String] = [:]
    var help: [String: String] = [:]
    var samples: [Sample] = []

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Malformed(line: text) }
        for line in text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init) {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                let isKnown = words.count == 4 && ["counter", "gauge", "histogram"].contains(words[3])
                guard isKnown, types[String(words[2])] == nil else { throw Malformed(line: line) }
                types[String(words[2])] = String(words[3])
            } else if line.hasPrefix("# HELP ") {
                let words = line.split(separator: " ", maxSplits: 3)
                guard words.count == 4 else { throw Malformed(line: line) }
                help[String(words[2])] = String(words[3])
            } else {
                samples.append(try Self.sample(line))
            }
        }
        let keys = samples.map { "\($0.name)\($0.labels.sorted { $0.key < $1.key })" }
        guard Set(keys).count == keys.count else { throw Malformed(line: "a series occurs twice") }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    private static func sample(_ line: String) throws -> Sample {
        var rest = line[...]
        let name = take(&rest) { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" }
        guard let first = name.first, !first.isNumber else { throw Malformed(line: line) }
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                let label = take(&rest) { $0.isLetter || $0.isNumber || $0 == "_" }
                guard !label.isEmpty, rest.hasPrefix("=\""), labels[label] == nil else { throw Malformed(line: line) }
                rest.removeFirst(2)
                labels[label] = try quoted(&rest, line)
                if rest.first == "," { rest.removeFirst() }
            }
            rest.removeFirst()
        }
        guard rest.first == " ", let value = Double(rest.dropFirst().replacing("Inf", with: "infinity")) else {
            throw Malformed(line: line)
        }
        return Sample(name: name, labels: labels, value: value)
    }

    private static func quoted(_ rest: inout Substring, _ line: String) throws -> String {
        var out = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return out
            case "\\":
                switch rest.popFirst() {
                case "\\": out += "\\"
                case "\"": out += "\""
                case "n": out += "\n"
                default: throw Malformed(line: line)
                }
            default: out.append(character)
            }
        }
        throw Malformed(line: line)
    }

    private static func take(_ rest: inout Substring, while isPart: (Character) -> Bool) -> String {
        let part = rest.prefix { $0.isASCII && isPart($0) }
        rest = rest.dropFirst(part.count)
        return String(part)
    }
}
