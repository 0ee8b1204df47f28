import Crypto
import CryptoExtras
import Foundation
import Gateway
import HTTPTypes
import Testing

@Suite("Who sent a chat platform's event")
struct PlatformTests {
    private let now = Date(timeIntervalSince1970: 1_531_420_618)

    private func fields(_ fields: [(String, String)]) throws -> HTTPFields {
        var headers = HTTPFields()
        for (name, value) in fields {
            headers.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
        }
        return headers
    }

    private func isFrom(_ platform: any ChatPlatform, _ headers: HTTPFields, _ body: String, at time: Date? = nil)
        -> Bool
    {
        do {
            try platform.authenticate(Array(body.utf8), headers: headers, at: time ?? now)
            return true
        } catch {
            return error != .unauthorized
        }
    }

    @Test("Slack: the body's own signature, with the app's secret, not older than five minutes")
    func slack() throws {
        let slack = SlackPlatform(signingSecret: "8f742231b10e8888abcd99yyyzzz85a5")
        let body =
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
            + "channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url="
            + "https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
            + "trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
        // The example of Slack's documentation.
        let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        let headers = try fields([("X-Slack-Request-Timestamp", "1531420618"), ("X-Slack-Signature", signature)])
        #expect(isFrom(slack, headers, body))
        #expect(isFrom(slack, headers, body, at: now.addingTimeInterval(299)))
        #expect(!isFrom(slack, headers, body, at: now.addingTimeInterval(301)))
        #expect(!isFrom(slack, headers, body, at: now.addingTimeInterval(-301)))
        #expect(!isFrom(slack, headers, body + "&"))
        #expect(!isFrom(SlackPlatform(signingSecret: "other"), headers, body))
        for bad in [
            [], [("x-slack-signature", signature)], [("x-slack-request-timestamp", "1531420618")],
            [("x-slack-request-timestamp", "1531420618"), ("x-slack-signature", "v0=")],
            [("x-slack-request-timestamp", "1531420618"), ("x-slack-signature", signature + "0")],
            [("x-slack-request-timestamp", "soon"), ("x-slack-signature", signature)],
            [("x-slack-request-timestamp", "1531420618"), ("x-slack-signature", "v0=zz" + signature.dropFirst(5))],
        ] { #expect(!isFrom(slack, try fields(bad), body)) }
        var signed = headers
        slack.sign(&signed, body: Array("{\"masked\":1}".utf8))
        #expect(isFrom(slack, signed, "{\"masked\":1}"))
        slack.sign(&signed, body: Array(body.utf8))
        #expect(signed == headers)
    }

    @Test("Discord: time and body, signed with the application's key")
    func discord() throws {
        let key = Curve25519.Signing.PrivateKey()
        let discord = try #require(DiscordPlatform(publicKey: hex(Array(key.publicKey.rawRepresentation))))
        let signature = hex(Array(try key.signature(for: Array("1531420618{}".utf8))))
        let headers = try fields([("X-Signature-Timestamp", "1531420618"), ("X-Signature-Ed25519", signature)])
        #expect(isFrom(discord, headers, "{}"))
        #expect(!isFrom(discord, headers, "{ }"))
        #expect(!isFrom(discord, try fields([("X-Signature-Ed25519", signature)]), "{}"))
        #expect(
            !isFrom(discord, try fields([("X-Signature-Timestamp", "1"), ("X-Signature-Ed25519", signature)]), "{}")
        )
        #expect(!isFrom(discord, try fields([("X-Signature-Timestamp", "1"), ("X-Signature-Ed25519", "0g")]), "{}"))
        for bad in ["", "00", "not hexadecimal"] { #expect(DiscordPlatform(publicKey: bad) == nil) }
    }

    @Test("Google Chat: a verification token in the event")
    func verificationToken() {
        let chat = GoogleChatPlatform(proof: .token("expected"))
        #expect(isFrom(chat, [:], #"{"token":"expected"}"#))
        for bad in [#"{"token":"Expected"}"#, "{}", "[]", "", #"{"token":null}"#] { #expect(!isFrom(chat, [:], bad)) }
    }

    private func token(_ claims: String, by key: _RSA.Signing.PrivateKey, algorithm: String = "RS256") throws -> String
    {
        func encoded(_ bytes: some Sequence<UInt8>) -> String {
            Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
                "=",
                with: ""
            )
        }
        let signed = encoded("{\"alg\":\"\(algorithm)\"}".utf8) + "." + encoded(claims.utf8)
        let digest = SHA256.hash(data: Array(signed.utf8))
        let signature = try key.signature(for: digest, padding: .insecurePKCS1v1_5)
        return signed + "." + encoded(signature.rawRepresentation)
    }

    @Test("Google Chat: a bearer token, signed by Google, for this app, in force")
    func bearerToken() throws {
        let (key, other) = (
            try _RSA.Signing.PrivateKey(keySize: .bits2048), try _RSA.Signing.PrivateKey(keySize: .bits2048)
        )
        let pem = other.publicKey.pemRepresentation + "\n" + key.publicKey.pemRepresentation
        let keys = try #require(GoogleChatKeys(pem: pem, audience: "1234"))
        let chat = GoogleChatPlatform(proof: .signature(keys))
        let sender = "chat@system.gserviceaccount.com"
        func claims(_ issuer: String, _ audience: String = "1234", ends: Int = 100, extra: String = "") -> String {
            let issued = Int(now.timeIntervalSince1970)
            return "{\"iss\":\"\(issuer)\",\"aud\":\"\(audience)\",\"iat\":\(issued),\"exp\":\(issued + ends)\(extra)}"
        }
        func isValid(_ claims: String, algorithm: String = "RS256", by signer: _RSA.Signing.PrivateKey? = nil) throws
            -> Bool
        {
            let token = try token(claims, by: signer ?? key, algorithm: algorithm)
            return isFrom(chat, try fields([("Authorization", "Bearer \(token)")]), "{}")
        }
        #expect(try isValid(claims(sender)))
        let email = ",\"email\":\"\(sender)\",\"email_verified\":"
        #expect(try isValid(claims("https://accounts.google.com", extra: email + "true")))
        #expect(try !isValid(claims("https://accounts.google.com", extra: email + "false")))
        #expect(try !isValid(claims(sender, "4321")))
        #expect(try !isValid(claims(sender, ends: -100)))
        #expect(try !isValid(claims("someone")))
        #expect(try !isValid(claims(sender), algorithm: "none"))
        #expect(try !isValid(claims(sender), by: _RSA.Signing.PrivateKey(keySize: .bits2048)))
        #expect(!isFrom(chat, try fields([("Authorization", "Bearer a.b.c")]), "{}"))
        #expect(!isFrom(chat, [:], "{}"))
        for bad in ["", "words", "-----END PUBLIC KEY-----"] { #expect(GoogleChatKeys(pem: bad, audience: "1") == nil) }
    }
}

/// Bytes in hexadecimal.
func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
