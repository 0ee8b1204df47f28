public import Crypto
import Foundation

/// A secret that digests of judged texts are made with, so that nobody without it can try which text a digest is of.
public struct AuditDigestKey: Sendable {
    /// Fewest bytes of a key: those of the digest (RFC 2104, section 3).
    public static let leastBytes = 32

    /// Says which key a digest was made with: eight hexadecimal digits.
    public let id: String

    private let key: SymmetricKey

    /// Takes a key.
    ///
    /// - Precondition: it has at least ``leastBytes``.
    public init(_ key: SymmetricKey) {
        let bits = Self.leastBytes * 8
        precondition(key.bitCount >= bits, "a digest key of \(key.bitCount) bits; expected \(bits) or more")
        self.key = key
        let code = HMAC<SHA256>.authenticationCode(for: Data("gatehouse digest key".utf8), using: key)
        id = String(code.hexadecimal.prefix(8))
    }

    /// Reads a key in base64 from where a setting says: `env:NAME` is a variable of the environment, anything else a file that
    /// only its owner may read.
    ///
    /// - Throws: ``AuditError/unusableKey(path:reason:)``.
    public init(setting: String, environment: [String: String]) throws(AuditError) {
        let text = try KeyFile.text(setting: setting, environment: environment)
        guard let bytes = KeyFile.decode(text), bytes.count >= Self.leastBytes else {
            throw .unusableKey(
                path: setting,
                reason: "expected \(Self.leastBytes) bytes or more in base64, as 'openssl rand -base64 32' makes them"
            )
        }
        self.init(SymmetricKey(data: bytes))
    }

    /// HMAC with SHA-256 of a text, which says so and with which key: `hmac-sha256:ID:` and 64 hexadecimal digits.
    func digest(_ text: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)
        return "hmac-sha256:\(id):\(code.hexadecimal)"
    }
}
