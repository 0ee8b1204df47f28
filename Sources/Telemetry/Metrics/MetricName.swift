/// Names of metrics and labels as Prometheus allows them.
enum MetricName {
    /// `gatehouse_…` from a dotted name: characters outside `[a-zA-Z0-9_]` become `_`; the suffix that the kind of metric
    /// calls for is added unless it is there.
    static func metric(_ label: String, namespace: String, suffix: String = "") -> String {
        var name = allowed(label)
        if name != namespace, !name.hasPrefix(namespace + "_") { name = namespace + "_" + name }
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// A label's name; `le` and what begins with two underscores belong to Prometheus and are moved aside.
    static func label(_ label: String) -> String {
        let name = allowed(label)
        if name == "le" || name.hasPrefix("__") || name.isEmpty || name.first?.isNumber == true {
            return "label_" + name
        }
        return name
    }

    private static func allowed(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar -> Character in
                let isAllowed = scalar.isASCII && (scalar.properties.isAlphabetic || (48...57).contains(scalar.value))
                return isAllowed ? Character(scalar) : "_"
            }
        )
    }
}

/// The labels of one series, sorted by name, each name once (the last of two alike).
struct MetricLabels: Hashable, Comparable {
    let pairs: [Pair]

    struct Pair: Hashable {
        var name: String
        var value: String
    }

    init(_ dimensions: [(String, String)]) {
        let values = Dictionary(dimensions.map { (MetricName.label($0.0), $0.1) }) { $1 }
        pairs = values.map { Pair(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
    }

    /// Where observations go once a metric has as many series as it may have.
    static let overflow = MetricLabels([("overflow", "true")])

    static func < (a: MetricLabels, b: MetricLabels) -> Bool {
        a.pairs.lexicographicallyPrecedes(b.pairs) { ($0.name, $0.value) < ($1.name, $1.value) }
    }

    /// `{a="1",b="2"}`, or nothing.
    func rendered(with extra: Pair? = nil) -> String {
        let all = pairs + (extra.map { [$0] } ?? [])
        guard !all.isEmpty else { return "" }
        return "{" + all.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        var out = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "\"": out += "\\\""
            case "\n": out += "\\n"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
