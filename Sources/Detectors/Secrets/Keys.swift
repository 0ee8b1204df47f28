internal import Moderation

extension Recognizer {
    /// Private keys in armour (RFC 7468, OpenSSH, OpenPGP), from the BEGIN line to the END line, or to the end of the text
    /// when there is none.
    static let privateKey: Recognizer = {
        let end = CompiledPattern(
            builtIn: #"-----END\x{20} (?: [A-Z0-9]{1,16} \x{20} ){0,3} PRIVATE\x{20}KEY (?: \x{20}BLOCK )? -----"#
        )
        return Recognizer(
            SecretKind.privateKey.rawValue,
            holdBackBytes: 96,
            pattern: #"-----BEGIN\x{20} (?: [A-Z0-9]{1,16} \x{20} ){0,3} PRIVATE\x{20}KEY (?: \x{20}BLOCK )? -----"#
        ) { text, range throws(PatternSearchError) in
            var search = try PatternSearch(end, text: text)
            return try search.next(from: range.upperBound)?.upperBound ?? text.count
        }
    }()

    /// Access key ids of Amazon Web Services (long-lived, temporary, and of bearer tokens), and secret access keys where
    /// they are named as such.
    static let awsAccessKey = Recognizer(
        SecretKind.awsAccessKey.rawValue,
        holdBackBytes: 96,
        pattern: #"""
                (?<! [A-Za-z0-9] ) (?: AKIA | ASIA | ABIA | ACCA ) [A-Z2-7]{16} (?! [A-Za-z0-9] )
            |   (?i: aws_?secret_?(?:access_?)?key ) ["']? [\x{20}]{0,4} [=:] [\x{20}]{0,4} ["']? \K
                [A-Za-z0-9/+]{40} (?! [A-Za-z0-9/+] )
            """#
    )

    /// Keys of Google's APIs.
    static let googleAPIKey = Recognizer(
        SecretKind.googleAPIKey.rawValue,
        holdBackBytes: 48,
        literals: ["AIza"],
        pattern: #"(?<! [\w\-] ) AIza [\w\-]{35} (?! [\w\-] )"#
    )

    /// Keys of OpenAI: of projects, service accounts and administrators, and those of users before 2024.
    static let openaiKey = Recognizer(
        SecretKind.openaiKey.rawValue,
        holdBackBytes: 64,
        literals: ["sk-"],
        pattern: #"""
            (?<! [\w\-] )
            (?: sk-(?:proj|svcacct|admin|None)-[\w\-]{20,}+ | sk-[A-Za-z0-9]{48} (?! [\w\-] ) )
            """#
    )

    /// Secret and restricted keys of Stripe, and signing secrets of its webhooks.
    ///
    /// Publishable keys are no secret.
    static let stripeKey = Recognizer(
        SecretKind.stripeKey.rawValue,
        holdBackBytes: 48,
        pattern: #"(?<! [A-Za-z0-9] ) (?: [sr]k_(?:live|test)_[A-Za-z0-9]{16,}+ | whsec_[A-Za-z0-9+/]{32,}+ )"#
    )
}
