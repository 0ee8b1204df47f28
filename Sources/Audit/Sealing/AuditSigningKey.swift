import Crypto
import Foundation

/// The secret key that checkpoints are signed with (Ed25519, RFC 8032).
///
/// Whoever can write the store and has no such key can't sign what they made of it: keep it where the store is not.
public struct AuditSigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// What stands before the 32 bytes of a key in PKCS #8 (RFC 8410, section 7).
    private static let header = Data([
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ])

    /// Makes a new key.
    public init() { key = Curve25519.Signing.PrivateKey() }

    /// Reads a key from a file that only its owner may read: PEM as `openssl genpkey -algorithm ed25519` writes it, or the 32
    /// bytes in base64.
    ///
    /// - Throws: ``AuditError/unusableKey(path:reason:)``.
    public init(path: String) throws(AuditError) {
        guard var bytes = KeyFile.decode(try KeyFile.read(path)) else {
            throw .unusableKey(path: path, reason: Self.expectation)
        }
        if bytes.starts(with: Self.header) { bytes = Data(bytes.dropFirst(Self.header.count)) }
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes) else {
            throw .unusableKey(path: path, reason: Self.expectation)
        }
        self.key = key
    }

    private static let expectation =
        "it holds no Ed25519 key; expected PEM or 32 bytes in base64, as 'gatehouse audit key' writes them"

    /// Who signs, for those who verify.
    public var publicKey: AuditPublicKey { AuditPublicKey(key.publicKey) }

    /// Writes the key to a new file as PEM.
    ///
    /// - Throws: ``AuditError/unusableKey(path:reason:)``, also where a file is there already.
    public func write(to path: String) throws(AuditError) {
        let body = (Self.header + key.rawRepresentation).base64EncodedString()
        try KeyFile.create(path, text: "-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----\n")
    }

    /// The signature of a text, in base64.
    func signature(of text: String) throws -> String {
        try key.signature(for: Data(text.utf8)).base64EncodedString()
    }
}

/// The public half of an ``AuditSigningKey``: says whether a checkpoint was signed with it.
public struct AuditPublicKey: Sendable, Hashable, CustomStringConvertible {
    private let bytes: Data

    /// What stands before the 32 bytes of a public key in DER (RFC 8410, section 4).
    private static let header = Data([0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00])

    fileprivate init(_ key: Curve25519.Signing.PublicKey) { bytes = key.rawRepresentation }

    /// Reads 32 bytes in base64, or PEM; nil for anything else.
    public init?(_ text: String) {
        guard var bytes = KeyFile.decode(text) else { return nil }
        if bytes.starts(with: Self.header) { bytes = Data(bytes.dropFirst(Self.header.count)) }
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return nil }
        self.init(key)
    }

    /// Reads what somebody gave on a command line: the key itself, or the path of a file with it.
    ///
    /// - Throws: ``AuditError/badPublicKey(_:)``.
    public init(argument: String) throws(AuditError) {
        if let key = Self(argument) {
            self = key
        } else if let text = try? String(contentsOfFile: argument, encoding: .utf8), let key = Self(text) {
            self = key
        } else {
            throw .badPublicKey(argument)
        }
    }

    /// The 32 bytes in base64.
    public var description: String { bytes.base64EncodedString() }

    /// Whether a text was signed with the other half of the key.
    func accepts(_ signature: String, of text: String) -> Bool {
        guard let signature = Data(base64Encoded: signature),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { return false }
        return key.isValidSignature(signature, for: Data(text.utf8))
    }
}
