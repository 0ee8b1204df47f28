import Foundation
import Moderation

/// One record in the very values that a store keeps, column by column; what the chain hash is taken of.
///
/// Words are plain strings, not enumerations, so that a value changed behind the program's back is still read as it is.
struct StoredRecord: Sendable, Hashable, Codable {
    var id: String
    /// Microseconds since 1970.
    var time: Int64
    var direction: String
    var requestID: String
    var route: String
    var dialect: String
    var tenant: String
    var model: String?
    var streamed: Int64
    var outcome: String
    var result: String
    var cause: String
    var failMode: String
    var ending: String
    var status: Int64?
    var releasedCharacters: Int64?
    var judgingMilliseconds: Double
    var policy: String
    var policyRevision: String
    var contentMode: String
    /// The whole decision as JSON.
    var decision: String
    /// Digest of the rules that were tried beside it; nil while none were.
    var candidateRevision: String?
    /// What they would have done.
    var candidateOutcome: String?
    /// Every rule that was asked, in policy order, as ``AskedRules`` writes them; nil in records of older versions.
    var rules: String?
    /// Which of the known API keys the request came with.
    var client: String?
    /// Which conversation it is a turn of.
    var conversation: String?
    /// What the rules said, in policy order: those that said something (``AskedRules``), or all of them in records of older versions.
    var verdicts: [StoredVerdict]
    var content: [StoredContent]
}

/// One rule's verdict as a store keeps it.
struct StoredVerdict: Sendable, Hashable, Codable {
    var rule: String
    var mode: String
    var outcome: String
    var score: Double?
    var flagThreshold: Double?
    var blockThreshold: Double?
    var screenedOut: Int64
    var error: String?
}

/// One judged text as a store keeps it.
struct StoredContent: Sendable, Hashable, Codable {
    var role: String
    var kind: String
    var pointer: String
    var bytes: Int64
    var digest: String?
    /// SHA-256 of ``salt`` and ``text``.
    ///
    /// The chain covers this, not the text, so that a text can be erased without breaking the chain. The salt goes with it, so
    /// that nobody can try which text it was.
    var textDigest: String?
    /// 32 hexadecimal digits; nil where no text was kept, in records of older versions, and where it is encrypted with the text.
    var salt: String?
    /// As it was kept, or, with a ``key``, what ``AuditTextKeys`` made of it.
    var text: String?
    /// Id of the key that the text is encrypted with; nil where it is not.
    ///
    /// The chain doesn't cover it, so that texts can be encrypted anew.
    var key: String?
    /// Labels as a JSON array.
    var masked: String
    var note: String?
    /// Number of the act that removed the text; the chain doesn't cover it.
    var erased: Int64?
}

extension StoredRecord {
    /// Reduces a record to what is to be kept.
    init(_ record: AuditRecord, keeper: ContentKeeper) {
        let decision = record.decision
        id = decision.id.description
        time = decision.time.microseconds
        direction = decision.direction.rawValue
        requestID = record.requestID
        route = record.route
        dialect = record.dialect
        tenant = record.tenant
        model = record.model
        streamed = record.streamed ? 1 : 0
        outcome = decision.outcome.rawValue
        result = AuditResult(decision, ending: record.ending).rawValue
        cause = decision.cause.rawValue
        failMode = decision.failMode.rawValue
        ending = record.ending.rawValue
        status = record.status.map(Int64.init)
        releasedCharacters = record.releasedCharacters.map(Int64.init)
        judgingMilliseconds = decision.judgingMilliseconds
        policy = decision.policy
        policyRevision = decision.policyRevision
        contentMode = keeper.mode.rawValue
        self.decision = StoredJSON.text(decision)
        candidateRevision = decision.candidate?.policyRevision
        candidateOutcome = decision.candidate?.outcome.rawValue
        rules = AskedRules.text(decision.verdicts)
        client = record.client
        conversation = record.conversation
        verdicts = decision.verdicts.filter(AskedRules.saysSomething).map(StoredVerdict.init)
        let recordID = id
        content = record.content.enumerated().map { number, content in
            StoredContent(keeper.keep(content), keys: keeper.textKeys, at: TextPlace(record: recordID, number: number))
        }
    }
}

extension StoredVerdict {
    init(_ verdict: Verdict) {
        rule = verdict.rule
        mode = verdict.mode.rawValue
        outcome = verdict.outcome.rawValue
        score = verdict.score
        flagThreshold = verdict.thresholds?.flag
        blockThreshold = verdict.thresholds?.block
        screenedOut = verdict.screenedOut ? 1 : 0
        error = verdict.error
    }
}

extension StoredContent {
    /// A kept text, encrypted where there is a key.
    init(_ kept: KeptContent, keys: AuditTextKeys, at place: TextPlace) {
        self.init(kept)
        do {
            try seal(with: keys, at: place)
        } catch {
            (text, salt, textDigest, note) = (nil, nil, nil, ContentKeeper.encryptionFailed)
        }
    }

    private init(_ kept: KeptContent) {
        role = kept.role.rawValue
        kind = kept.kind.rawValue
        pointer = kept.pointer
        bytes = Int64(kept.bytes)
        digest = kept.digest
        text = kept.text
        if let text = kept.text {
            let salt = Self.salt()
            self.salt = salt
            textDigest = Self.digest(text, salt: salt)
        }
        masked = StoredJSON.text(kept.masked)
        note = kept.note
    }

    static func digest(_ text: String, salt: String?) -> String { ContentKeeper.digest((salt ?? "") + text) }

    /// Random bytes: 32 hexadecimal digits.
    static func salt() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<2).map { _ in hexadecimal(random.next()) }.joined()
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        withUnsafeBytes(of: word) { $0.hexadecimal }
    }
}

/// The JSON that stores keep: sorted keys, so that the same value is the same text.
enum StoredJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<T: Decodable>(_ type: T.Type, from text: String) throws -> T {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return try decoder.decode(type, from: Data(text.utf8))
    }
}

extension Date {
    /// Microseconds since 1970.
    var microseconds: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }

    init(microseconds: Int64) {
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }
}
