import Foundation
import Moderation

extension StoredJSON {
    /// A decision: what `JSONEncoder` would write, in a small part of its time.
    static func text(_ decision: Decision) -> String {
        var json = JSONBytes()
        json.append(decision)
        return json.text
    }

    /// A list of strings.
    static func text(_ strings: [String]) -> String {
        var json = JSONBytes()
        json.open("[")
        for string in strings { json.append(string) }
        json.close("]")
        return json.text
    }
}

/// Builds compact JSON; the caller writes keys in their sorted order.
private struct JSONBytes {
    private var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    init() { bytes.reserveCapacity(1024) }

    mutating func open(_ bracket: Unicode.Scalar) {
        separate()
        bytes.append(UInt8(ascii: bracket))
    }

    mutating func close(_ bracket: Unicode.Scalar) { bytes.append(UInt8(ascii: bracket)) }

    /// A key of letters, digits and underscores.
    mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes += UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// A key that may have any letters.
    mutating func key(written name: String) {
        append(name)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func append(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            bytes += text.utf8
            bytes.append(UInt8(ascii: "\""))
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0..<0x10: bytes += "\\u000\(String(byte, radix: 16))".utf8
            case 0x10..<0x20: bytes += "\\u00\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func append(_ number: Double) {
        guard number.isFinite else { return append(number.isNaN ? "nan" : number < 0 ? "-inf" : "inf") }
        separate()
        let text = number.description
        bytes += text.hasSuffix(".0") ? text.utf8.dropLast(2) : text.utf8[...]
    }

    mutating func append(_ number: Int) {
        separate()
        bytes += number.description.utf8
    }

    mutating func append(_ flag: Bool) {
        separate()
        bytes += (flag ? "true" : "false").utf8
    }

    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
        default: bytes.append(UInt8(ascii: ","))
        }
    }
}

// MARK: - A decision's parts

extension JSONBytes {
    mutating func append(_ decision: Decision) {
        open("{")
        if let candidate = decision.candidate {
            key("candidate")
            append(candidate)
        }
        member("cause", decision.cause.rawValue)
        member("channel", decision.channel)
        if let classifier = decision.classifier {
            key("classifier")
            append(classifier)
        }
        key("coverage")
        open("[")
        for coverage in decision.coverage { append(coverage) }
        close("]")
        member("direction", decision.direction.rawValue)
        member("failMode", decision.failMode.rawValue)
        member("id", decision.id.description)
        member("judgingMilliseconds", decision.judgingMilliseconds)
        if let observed = decision.observed {
            key("observed")
            append(observed)
        }
        member("outcome", decision.outcome.rawValue)
        member("policy", decision.policy)
        member("policyRevision", decision.policyRevision)
        if let restored = decision.restored {
            key("restored")
            append(restored)
        }
        member("screenScore", decision.screenScore)
        member("time", decision.time.timeIntervalSinceReferenceDate)
        key("verdicts")
        open("[")
        for verdict in decision.verdicts { append(verdict) }
        close("]")
        close("}")
    }

    private mutating func append(_ candidate: CandidateDecision) {
        open("{")
        member("cause", candidate.cause.rawValue)
        member("outcome", candidate.outcome.rawValue)
        member("policy", candidate.policy)
        member("policyRevision", candidate.policyRevision)
        key("verdicts")
        open("[")
        for verdict in candidate.verdicts { append(verdict) }
        close("]")
        close("}")
    }

    private mutating func append(_ classifier: ClassifierIdentity) {
        open("{")
        member("adapterDigest", classifier.adapterDigest)
        member("model", classifier.model)
        member("modelDigest", classifier.modelDigest)
        member("template", classifier.template)
        close("}")
    }

    private mutating func append(_ coverage: Coverage) {
        open("{")
        key("bytes")
        append(coverage.bytes)
        member("kind", coverage.kind.rawValue)
        member("pointer", coverage.pointer)
        member("reason", coverage.reason)
        member("state", coverage.state.rawValue)
        close("}")
    }

    private mutating func append(_ verdict: Verdict) {
        open("{")
        member("error", verdict.error)
        key("matches")
        open("{")
        for (label, count) in verdict.matches.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            key(written: label)
            append(count)
        }
        close("}")
        member("mode", verdict.mode.rawValue)
        member("outcome", verdict.outcome.rawValue)
        member("rule", verdict.rule)
        member("score", verdict.score)
        key("screenedOut")
        append(verdict.screenedOut)
        if let thresholds = verdict.thresholds {
            key("thresholds")
            open("{")
            member("block", thresholds.block)
            member("flag", thresholds.flag)
            close("}")
        }
        close("}")
    }

    private mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        key(name)
        append(text)
    }

    private mutating func member(_ name: StaticString, _ number: Double?) {
        guard let number else { return }
        key(name)
        append(number)
    }
}
