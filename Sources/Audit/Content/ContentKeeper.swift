import Crypto
public import Moderation

/// Reduces judged texts to what the operator chose to keep.
public struct ContentKeeper: Sendable {
    /// What is kept.
    public let mode: ContentMode

    /// What kept texts are encrypted with.
    public let textKeys: AuditTextKeys

    private let redactor: any ContentRedactor
    private let key: AuditDigestKey?

    /// Said of a text whose masking failed.
    public static let redactionFailed = "masking failed, so the text was not kept"
    /// Said of a text that could not be encrypted.
    static let encryptionFailed = "encrypting failed, so the text was not kept"

    /// Creates a keeper.
    ///
    /// - Parameters:
    ///   - mode: what is kept.
    ///   - redactor: masks personal data and secrets; asked only in ``ContentMode/redacted``.
    ///   - key: what digests are made with; nil makes plain ones, by which a short text can be guessed.
    ///   - textKeys: what kept texts are encrypted with, masked ones too; none keeps them as they are.
    public init(
        mode: ContentMode = .redacted,
        redactor: any ContentRedactor,
        key: AuditDigestKey? = nil,
        textKeys: AuditTextKeys = AuditTextKeys()
    ) {
        self.textKeys = textKeys
        self.mode = mode
        self.redactor = redactor
        self.key = key
    }

    /// What is kept of one text.
    public func keep(_ content: AuditRecord.Content) -> KeptContent {
        var kept = KeptContent(
            role: content.role,
            kind: content.kind,
            pointer: content.pointer,
            bytes: content.text.utf8.count
        )
        guard mode != .none else { return kept }
        kept.digest = key?.digest(content.text) ?? Self.digest(content.text)
        switch mode {
        case .none, .digest:
            break
        case .full:
            kept.text = content.text
        case .redacted:
            do {
                let (text, labels) = try redactor.redact(content.text)
                kept.text = text
                kept.masked = Set(labels).sorted()
            } catch {
                // The error is not kept: only the redactor's author promises that it carries none of the text.
                kept.note = Self.redactionFailed
            }
        }
        return kept
    }

    static func digest(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).hexadecimal
    }
}

extension Sequence<UInt8> {
    /// The bytes in lower-case hexadecimal, two digits each.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(64)
        for byte in self {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }
}
