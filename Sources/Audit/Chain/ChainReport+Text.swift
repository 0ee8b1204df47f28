extension ChainReport {
    /// The report for people; ends in a line feed.
    public var text: String {
        var lines = [
            pruned > 0 ? "pruned       \(pruned) records were deleted before these" : "",
            "records      \(records) found as they were written",
            "head         \(head)",
            "checkpoints  \(checkpoints) agree with them",
        ].filter { !$0.isEmpty }
        for (place, chain) in chains.enumerated() {
            lines.append(
                "chain \(place + 1)      \(chain.records) records, head \(chain.head.prefix(12))…, sealed to"
                    + " \(chain.seal?.sequence ?? 0)"
            )
        }
        if let seal {
            let time = AuditTime.full(seal.time)
            lines.append("sealed       to record \(seal.sequence), at \(time), by the key \(seal.key)")
        }
        if fault == nil, unsealed > 0 {
            lines.append("not sealed   \(unsealed) records: no signature says yet that they are the gateway's")
        }
        if acts > 0 {
            lines.append("acts         \(acts); \(erasedTexts) texts are erased; 'gatehouse audit acts' says by whom")
        }
        if lockedTexts > 0 {
            let keys = missingKeys.joined(separator: ", ")
            lines.append(
                "not checked  \(lockedTexts) texts: encrypted with \(keys), and audit.encryption_key has no such key"
            )
        }
        if let clockSetback { lines.append("clock        was \(clockSetback.description)") }
        if labels > 0 { lines.append("labels       \(labels)") }
        if fault == nil, unsealedLabels > 0 { lines.append("not sealed   \(unsealedLabels) labels") }
        if fault == nil, unsealedActs > 0 { lines.append("not sealed   \(unsealedActs) acts") }
        lines.append(fault.map { "fault        \($0)" } ?? "no fault     was found")
        return lines.map { $0 + "\n" }.joined()
    }
}
