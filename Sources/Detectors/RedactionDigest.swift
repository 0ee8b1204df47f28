public import Crypto
internal import Foundation

/// Stands for redacted words: the same words have the same digest, and without the key nobody can try which words they were.
///
/// HMAC with SHA-256 (RFC 2104), cut to 32 bits.
public struct RedactionDigest: Sendable {
    /// Hexadecimal digits of a digest.
    public static let digits = 8

    private let key: SymmetricKey

    /// Creates a digest.
    ///
    /// - Parameter key: a secret; digests made with one key can be compared with each other only.
    public init(key: SymmetricKey) { self.key = key }

    /// The digest of redacted words; what a moderator wants for rules that redact as `hash`.
    public func callAsFunction(_ words: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data(words.utf8), using: key)
        return code.prefix(Self.digits / 2).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
