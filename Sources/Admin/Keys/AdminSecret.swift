import Audit
import Crypto
import Foundation

/// A key of the admin API in clear: what is printed once and sent with each request.
///
/// 256 random bits, so that nobody can guess it and a single SHA-256 is as good a keeper as a slow hash: those slow down who
/// tries likely passwords, and there are no likely ones here. A slow hash would cost the gateway the same for every request,
/// wrong ones too.
struct AdminSecret: Sendable {
    /// What every key begins with, so that scanners of source code and logs know it.
    static let prefix = "gatehouse_"

    private static let randomBytes = 32

    /// The whole key.
    let text: String

    /// Makes a key.
    init() {
        let bytes = SymmetricKey(size: .init(bitCount: Self.randomBytes * 8)).withUnsafeBytes { Data($0) }
        text = Self.prefix + bytes.hexadecimal
    }

    /// Takes what a client sent.
    init(_ text: String) { self.text = text }

    /// What is kept of it.
    var digest: SHA256Digest { SHA256.hash(data: Data(text.utf8)) }
}

/// What is kept of a key: enough to recognise it, not to use it.
struct AdminKeyHash: Sendable, Hashable, Codable {
    private static let prefix = "sha256:"

    /// `sha256:` and 64 hexadecimal digits.
    let text: String

    init(_ secret: AdminSecret) {
        text = Self.prefix + secret.digest.hexadecimal
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        text = try container.decode(String.self)
        let digits = text.dropFirst(Self.prefix.count)
        guard text.hasPrefix(Self.prefix), digits.utf8.count == 64,
            digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a hash") }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// Whether two are the same, in a time that says nothing of where they differ.
    func isSame(as other: AdminKeyHash) -> Bool {
        // Digests are compared by the library, bit by bit to the end.
        SHA256.hash(data: Data(text.utf8)) == SHA256.hash(data: Data(other.text.utf8))
    }
}
