import Crypto

/// Ties each record to the one before it: SHA-256 of the previous hash and the record's canonical bytes.
///
/// The canonical bytes are independent of the store. Every value in a fixed order: a tag byte (0 nothing, 1 integer, 2
/// floating point, 3 text), then eight bytes big-endian (two's complement, IEEE 754 bits, or the UTF-8 length), then the
/// text's bytes. Lists begin with their length. So no two records share their bytes.
enum ChainHash {
    /// What stands before the first record.
    static let genesis = String(repeating: "0", count: 64)

    /// The place before the first record.
    static let start = ChainEnd(sequence: 0, hash: genesis)

    /// Name of the byte layout, hashed with each record so that a later layout can't be taken for this one.
    static let layout = "gatehouse-audit-1"

    /// The hash of a record at its place in the chain, lower-case hexadecimal.
    static func of(_ record: StoredRecord, sequence: Int64, previous: String) -> String {
        var bytes = CanonicalBytes()
        bytes.append(layout)
        bytes.append(previous)
        bytes.append(sequence)
        bytes.append(record)
        return SHA256.hash(data: bytes.bytes).hexadecimal
    }

    /// Name of the byte layout of acts.
    static let actLayout = "gatehouse-audit-act-1"

    /// The hash of an act, which carries the hash of the act before it.
    static func of(_ act: StoredAct) -> String {
        var bytes = CanonicalBytes()
        bytes.append(actLayout)
        bytes.append(act)
        return SHA256.hash(data: bytes.bytes).hexadecimal
    }
}

extension ChainHash {
    /// Name of the byte layout of labels.
    static let labelLayout = "gatehouse-audit-label-1"

    /// The hash of a label, which carries the hash of the label before it.
    static func of(_ label: StoredLabel) -> String {
        var bytes = CanonicalBytes()
        bytes.append(labelLayout)
        bytes.append(label)
        return SHA256.hash(data: bytes.bytes).hexadecimal
    }
}

private struct CanonicalBytes {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(4096) }

    mutating func append(_ text: String?) {
        guard let text else { return bytes.append(0) }
        appendWord(UInt64(text.utf8.count), tag: 3)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ integer: Int64?) {
        guard let integer else { return bytes.append(0) }
        appendWord(UInt64(bitPattern: integer), tag: 1)
    }

    mutating func append(_ number: Double?) {
        guard let number else { return bytes.append(0) }
        appendWord(number.bitPattern, tag: 2)
    }

    mutating func append(_ record: StoredRecord) {
        append(record.id)
        append(record.time)
        append(record.direction)
        append(record.requestID)
        append(record.route)
        append(record.dialect)
        append(record.tenant)
        append(record.model)
        append(record.streamed)
        append(record.outcome)
        append(record.result)
        append(record.cause)
        append(record.failMode)
        append(record.ending)
        append(record.status)
        append(record.releasedCharacters)
        append(record.judgingMilliseconds)
        append(record.policy)
        append(record.policyRevision)
        append(record.contentMode)
        append(record.decision)
        append(Int64(record.verdicts.count))
        for verdict in record.verdicts { append(verdict) }
        append(Int64(record.content.count))
        for content in record.content { append(content) }
        // What later versions added; a record ends with the last that it has, so that older ones keep their hash.
        let later = [
            record.candidateRevision, record.candidateOutcome, record.rules, record.client, record.conversation,
        ]
        for text in later.prefix(through: later.lastIndex { $0 != nil } ?? -1) { append(text) }
    }

    mutating func append(_ label: StoredLabel) {
        append(label.previousHash)
        append(label.number)
        append(label.record)
        append(label.decision)
        append(label.finding)
        append(label.rule)
        append(label.noteDigest)
        append(label.actor)
        append(label.time)
    }

    mutating func append(_ act: StoredAct) {
        append(act.previousHash)
        append(act.number)
        append(act.time)
        append(act.kind)
        append(act.actor)
        append(act.subject)
        append(act.records)
        append(act.texts)
        append(act.first.sequence)
        append(act.first.hash)
        append(act.last.sequence)
        append(act.last.hash)
    }

    private mutating func append(_ verdict: StoredVerdict) {
        append(verdict.rule)
        append(verdict.mode)
        append(verdict.outcome)
        append(verdict.score)
        append(verdict.flagThreshold)
        append(verdict.blockThreshold)
        append(verdict.screenedOut)
        append(verdict.error)
    }

    private mutating func append(_ content: StoredContent) {
        append(content.role)
        append(content.kind)
        append(content.pointer)
        append(content.bytes)
        append(content.digest)
        append(content.textDigest)
        append(content.masked)
        append(content.note)
    }

    private mutating func appendWord(_ word: UInt64, tag: UInt8) {
        bytes.append(tag)
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
