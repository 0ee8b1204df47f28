internal import Moderation

extension PolicyExplanation {
    /// The explanation for people; ends in a line feed.
    public var text: String {
        var lines = ["policy '\(policy)', revision \(revision.prefix(12))"]
        let scope = [("route", route), ("tenant", tenant), ("model", model), ("channel", channel)]
            .filter { !$0.1.isEmpty }.map { "\($0) \($1)" }
        lines.append("\(direction.rawValue)s: " + scope.joined(separator: ", "))
        if overrides.isEmpty {
            lines.append("no override fits")
        } else {
            lines.append("overrides that fit, in this order: " + overrides.map(\.description).joined(separator: ", "))
        }
        lines.append("")
        lines += table(values, indentation: "")
        for rule in rules {
            let place = rule.location.map { "  (\($0))" } ?? ""
            lines += ["", rule.id + place + (rule.judges ? "" : "  does not judge these texts")]
            lines += table(rule.values, indentation: "  ")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func table(_ values: [Value], indentation: String) -> [String] {
        let width = values.map(\.key.count).max() ?? 0
        return values.flatMap { value -> [String] in
            let key = value.key + String(repeating: " ", count: width - value.key.count)
            let blank = String(repeating: " ", count: width)
            let steps = value.steps.reversed().enumerated().map { index, step in
                let lead = index == 0 ? key : blank
                let place = step.location?.description ?? "default"
                return "\(indentation)\(lead)  \(index == 0 ? "" : "instead of ")\(shortened(step.value))  (\(place))"
            }
            return steps
        }
    }

    /// A text on one line of moderate length.
    private func shortened(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count <= 70 ? words : words.prefix(69) + "…"
    }
}
