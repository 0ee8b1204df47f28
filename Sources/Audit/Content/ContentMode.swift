public import Moderation

/// How much of the judged text is kept.
public enum ContentMode: String, Sendable, Codable, Hashable, CaseIterable {
    /// Nothing: where the text stood and how long it was.
    case none
    /// A digest, so that a known text can be recognised.
    case digest
    /// The digest, and the text with personal data and secrets masked.
    case redacted
    /// The digest, and the text as it came.
    case full
}

/// A judged text as far as it was kept.
public struct KeptContent: Sendable, Codable, Hashable {
    /// Who said it.
    public var role: Role
    /// What it carries.
    public var kind: PartKind
    /// JSON pointer of the field.
    public var pointer: String
    /// Length of the original in UTF-8 bytes.
    public var bytes: Int
    /// Digest of the original: its SHA-256 in lower-case hexadecimal, or, made with a key, `hmac-sha256:KEY-ID:` and its HMAC;
    /// nil when nothing was to be kept.
    public var digest: String?
    /// The text; masked unless ``ContentMode/full``, nil where none was kept.
    public var text: String?
    /// Labels of what was masked, sorted, each once.
    public var masked: [String]
    /// Why less was kept than the operator chose; nil when all of it was.
    public var note: String?
    /// Number of the act by which the text was erased; nil where it was not.
    public var erasedBy: Int?
    /// Id of the key that the text is encrypted with, where that was not at hand; nil where the text is there, or none is kept.
    public var lockedBy: String?

    /// Creates an entry.
    public init(
        role: Role,
        kind: PartKind,
        pointer: String,
        bytes: Int,
        digest: String? = nil,
        text: String? = nil,
        masked: [String] = [],
        note: String? = nil,
        erasedBy: Int? = nil,
        lockedBy: String? = nil
    ) {
        self.role = role
        self.kind = kind
        self.pointer = pointer
        self.bytes = bytes
        self.digest = digest
        self.text = text
        self.masked = masked
        self.note = note
        self.erasedBy = erasedBy
        self.lockedBy = lockedBy
    }
}

extension Sequence<KeptContent> {
    /// Checks that no text is encrypted with a key that is not at hand.
    ///
    /// - Throws: ``AuditError/missingTextKey(id:)``.
    public func checkUnlocked() throws(AuditError) {
        for case let key? in lazy.map(\.lockedBy) { throw .missingTextKey(id: key) }
    }
}
