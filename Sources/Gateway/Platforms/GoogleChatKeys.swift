import Crypto
import CryptoExtras
import Foundation

/// The public keys that Google Chat's bearer tokens are signed with, and whom they must be for.
public struct GoogleChatKeys: Sendable {
    private static let sender = "chat@system.gserviceaccount.com"
    /// Clocks may differ by this many seconds.
    private static let leeway: TimeInterval = 60

    private let keys: [_RSA.Signing.PublicKey]
    private let audience: String

    /// Reads keys; nil when there is none in the text, or one that can't be read.
    ///
    /// - Parameters:
    ///   - pem: one or more `PUBLIC KEY` blocks.
    ///   - audience: the project's number, or the webhook's URL, as the app's settings say.
    public init?(pem: String, audience: String) {
        let end = "-----END PUBLIC KEY-----"
        let blocks = pem.components(separatedBy: end).dropLast().map { block in
            block.range(of: "-----BEGIN PUBLIC KEY-----").map { String(block[$0.lowerBound...]) + end } ?? ""
        }
        let keys = blocks.compactMap { try? _RSA.Signing.PublicKey(pemRepresentation: $0) }
        guard !keys.isEmpty, keys.count == blocks.count else { return nil }
        self.keys = keys
        self.audience = audience
    }

    /// Whether a token (JWT, RS256) was signed by Google Chat for the audience and is in force.
    func isValid(_ token: Substring, at time: Date) -> Bool {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Self.bytes(parts[2]), header.text("alg") == "RS256",
            isSigned("\(parts[0]).\(parts[1])", by: signature)
        else { return false }
        let now = time.timeIntervalSince1970
        guard claims.text("aud") == audience, isSender(claims),
            let expiry = claims.integer(claims.root["exp"]), Double(expiry) + Self.leeway > now,
            let issued = claims.integer(claims.root["iat"]), Double(issued) - Self.leeway < now
        else { return false }
        return true
    }

    private func isSigned(_ text: String, by signature: [UInt8]) -> Bool {
        let digest = SHA256.hash(data: Array(text.utf8))
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        return keys.contains { $0.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5) }
    }

    /// Google Chat signs for itself where the audience is a project, and by Google's accounts where it is a URL.
    private func isSender(_ claims: JSONDocument) -> Bool {
        if claims.text("iss") == Self.sender { return true }
        return claims.text("iss") == "https://accounts.google.com" && claims.text("email") == Self.sender
            && claims.root["email_verified"]?.kind == .bool(true)
    }

    private static func object(_ part: Substring) -> JSONDocument? { bytes(part).flatMap { try? JSONDocument($0) } }

    private static func bytes(_ part: Substring) -> [UInt8]? {
        let text = part.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: text + padding).map(Array.init)
    }
}
