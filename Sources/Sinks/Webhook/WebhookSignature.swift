import Crypto
package import Foundation

/// Signs what is posted, as the Standard Webhooks specification says, so that its libraries verify it.
///
/// - Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
package struct WebhookSignature: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: `whsec_` and base64, or any other text, whose bytes are the key.
    package init?(secret: String) {
        let prefix = "whsec_"
        guard secret.hasPrefix(prefix) else {
            key = SymmetricKey(data: Data(secret.utf8))
            return
        }
        guard let bytes = Data(base64Encoded: String(secret.dropFirst(prefix.count))), !bytes.isEmpty else {
            return nil
        }
        key = SymmetricKey(data: bytes)
    }

    /// The signature's field: version 1, HMAC with SHA-256 of id, time and body, in base64.
    ///
    /// - Parameter time: seconds since 1970.
    package func value(id: String, time: Int, body: Data) -> String {
        var code = HMAC<SHA256>(key: key)
        code.update(data: Data("\(id).\(time).".utf8))
        code.update(data: body)
        return "v1," + Data(code.finalize()).base64EncodedString()
    }
}
