public import Crypto
import Foundation

/// Secrets that kept texts are encrypted with (AES-GCM, 256 bits): the newest one for new texts, all of them to read.
public struct AuditTextKeys: Sendable {
    /// Bytes of a key.
    public static let keyBytes = 32

    private struct Key: Sendable {
        var id: String
        var key: SymmetricKey
    }

    /// Oldest first.
    private let keys: [Key]

    /// No keys: texts are kept as they are, and encrypted ones can't be read.
    public init() { keys = [] }

    /// Takes keys, the newest last.
    ///
    /// - Precondition: each has ``keyBytes``.
    public init(_ keys: [SymmetricKey]) {
        self.keys = keys.map { key in
            precondition(key.bitCount == Self.keyBytes * 8, "a key of \(key.bitCount) bits; expected 256")
            let code = HMAC<SHA256>.authenticationCode(for: Data("gatehouse text key".utf8), using: key)
            return Key(id: String(code.hexadecimal.prefix(8)), key: key)
        }
    }

    /// Reads keys in base64, the newest last, each on a line or behind a comma, from where a setting says: `env:NAME` is a variable
    /// of the environment, anything else a file that only its owner may read.
    ///
    /// - Throws: ``AuditError/unusableKey(path:reason:)``.
    public init(setting: String, environment: [String: String]) throws(AuditError) {
        let text = try KeyFile.text(setting: setting, environment: environment)
        let words = text.split { $0.isWhitespace || $0 == "," }
        let keys = words.compactMap { word in
            Data(base64Encoded: String(word)).flatMap { $0.count == Self.keyBytes ? SymmetricKey(data: $0) : nil }
        }
        guard !keys.isEmpty, keys.count == words.count else {
            throw .unusableKey(
                path: setting,
                reason: "expected \(Self.keyBytes) bytes in base64 a line, as 'openssl rand -base64 32' makes them"
            )
        }
        self.init(keys)
    }

    /// Says which key new texts are encrypted with: eight hexadecimal digits; nil where they are not.
    public var newestID: String? { keys.last?.id }

    /// A text with its salt, encrypted with the newest key, in base64; nil where there is no key.
    ///
    /// The salt goes with the text: beside it, it would let anybody try which text the chain's digest is of.
    func seal(_ text: String, salt: String?, at place: TextPlace) throws -> (sealed: String, key: String)? {
        guard let newest = keys.last else { return nil }
        let plain = Data("\(salt ?? "")\n\(text)".utf8)
        let box = try AES.GCM.seal(plain, using: newest.key, authenticating: place.bytes)
        guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
        return (combined.base64EncodedString(), newest.id)
    }

    /// What was encrypted.
    ///
    /// - Throws: ``AuditError/missingTextKey(id:)``; ``AuditError/unreadableRecord(id:)`` for what nobody encrypted so for this place.
    func open(_ sealed: String, key id: String, at place: TextPlace) throws(AuditError) -> OpenedText {
        guard let key = keys.last(where: { $0.id == id }) else { throw .missingTextKey(id: id) }
        guard let combined = Data(base64Encoded: sealed), let box = try? AES.GCM.SealedBox(combined: combined),
            let plain = try? AES.GCM.open(box, using: key.key, authenticating: place.bytes),
            let opened = OpenedText(String(decoding: plain, as: UTF8.self))
        else { throw .unreadableRecord(id: place.record) }
        return opened
    }
}

/// Where a text is kept: what it is encrypted for, so that it can't be read at any other place.
struct TextPlace: Sendable, Hashable {
    /// Id of the record.
    var record: String
    /// Its number among the record's texts, from 0.
    var number: Int

    fileprivate var bytes: Data { Data("gatehouse-text-1 \(record) \(number)".utf8) }
}

/// A kept text as it is read.
struct OpenedText: Sendable, Hashable {
    var text: String
    var salt: String?

    init(text: String, salt: String?) {
        self.text = text
        self.salt = salt
    }

    fileprivate init?(_ plain: String) {
        guard let end = plain.utf8.firstIndex(of: 0x0A) else { return nil }
        salt = plain.utf8.startIndex == end ? nil : String(plain[..<end])
        text = String(plain[plain.utf8.index(after: end)...])
    }
}

extension StoredContent {
    /// The text, decrypted where it is encrypted; nil where there is none.
    ///
    /// - Throws: as ``AuditTextKeys/open(_:key:at:)``.
    func opened(by keys: AuditTextKeys, at place: TextPlace) throws(AuditError) -> OpenedText? {
        guard let text else { return nil }
        guard let key else { return OpenedText(text: text, salt: salt) }
        return try keys.open(text, key: key, at: place)
    }

    /// Encrypts the text with the newest key, where there is one.
    mutating func seal(with keys: AuditTextKeys, at place: TextPlace) throws {
        guard let text, let (sealed, key) = try keys.seal(text, salt: salt, at: place) else { return }
        self.text = sealed
        self.key = key
        salt = nil
    }
}
