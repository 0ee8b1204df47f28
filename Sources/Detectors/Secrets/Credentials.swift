internal import Foundation
internal import Moderation

extension Recognizer {
    /// Passwords in addresses of databases, queues and other servers, and in lists of settings for them.
    ///
    /// Of an address, everything from its scheme to its host is replaced; a name in the place of the password, such as
    /// `${DB_PASSWORD}` or `<password>`, is none.
    static let connectionString = Recognizer(
        SecretKind.connectionString.rawValue,
        holdBackBytes: 384,
        literals: ["://", "=", ";"],
        pattern: #"""
            (?(DEFINE)
                (?<placeholder> (?i: pass(?:word|wd)? | pwd | secret | your[\w\-]*+ | my[_\-]?pass\w*+ | x{3,}+ | changeme | token )
                |   \*++ | \.{3} | [<\[{$%] [^@\s]{0,60} )
            )
            (?:
                (?<! [A-Za-z0-9+] )
                (?i:
                    postgres(?:ql)? (?: \+[a-z0-9]{1,12} )? | mysql (?: \+[a-z0-9]{1,12} )? | mariadb | mongodb (?: \+srv )? | rediss? | amqps? | mssql
                |   sqlserver | oracle | db2 | clickhouse | cassandra | couchdb | neo4j | bolt | kafka | nats | mqtts? | stomp | ldaps? | smtps?
                |   imaps? | ftps? | sftp | ssh | rtsp | https?
                )
                ://
                [^\s:@/"'`<>]{0,64} : (?! (?&placeholder) @ ) [^\s:@/"'`<>]{1,128}+ @ [A-Za-z0-9._\-\[\]]{1,128}+
            |   (?<! \w )
                (?i: server | data \x{20} source | host | addr(?:ess)? | uid | user (?: \x{20} id | name )? | database | initial \x{20} catalog )
                \x{20}? = \x{20}? [^;\s="']{1,100}+ ; \x{20}?
                (?: [A-Za-z][A-Za-z\x{20}_]{1,30}+ = [^;\s="']{0,100}+ ; \x{20}? ){0,8}?
                (?i: password | pwd ) \x{20}? = \x{20}? \K (?! (?&placeholder) (?: ; | $ | \s ) ) [^;\s"'`]{3,128}+
            )
            """#
    )

    /// Strings that look like keys behind names such as `api_key`, `secret` or `token`.
    static let highEntropy = Recognizer(
        SecretKind.highEntropy.rawValue,
        holdBackBytes: 48,
        pattern: #"""
            (?i:
                api [_\-\x{20}]? key | (?: access | secret | private | signing | encryption | account | master | auth | app ) [_\-\x{20}]? key
            |   secret | token | passw (?: or )? d | passphrase | credential | bearer | \b auth \b | authorization | client [_\-]? id
            )
            [\w\-]{0,24}+ ["'`\])]{0,3}+ \x{20}{0,4}
            (?: (?: => | := | = | : | \x{20} is \b | , ) \x{20}{0,4} | (?<= [Bb]earer ) \x{20} | \x{20} (?= [A-Za-z0-9+/_\-]{20} ) )
            (?: (?i: bearer | basic | token ) \x{20} )?
            ["'`]?
            \K
            [A-Za-z0-9+/_\-.~]{16,256}+ ={0,2}
            """#
    ) { text, range throws(PatternSearchError) in
        // Names have dots in them, keys at most between long parts.
        text[range].split(separator: 0x2E).contains { looksRandom($0) } ? range.upperBound : nil
    }

    /// Whether letters of both cases and digits follow each other without pattern, as they do in keys and not in names,
    /// versions, paths and words.
    static func looksRandom(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var core = Array(bytes)
        while core.last == 0x3D || core.last == 0x2E { core.removeLast() }
        guard core.count >= 16 else { return false }
        enum Class { case digit, upper, lower, sign }
        func kind(_ byte: UInt8) -> Class {
            switch byte {
            case 0x30...0x39: .digit
            case 0x41...0x5A: .upper
            case 0x61...0x7A: .lower
            default: .sign
            }
        }
        let kinds = core.map(kind)
        let digits = kinds.count { $0 == .digit }
        let signs = kinds.count { $0 == .sign }
        let letters = core.count - digits - signs
        guard digits >= 2, letters >= 2, signs * 6 <= core.count else { return false }
        let changes = zip(kinds, kinds.dropFirst()).count { $0 != $1 }
        // Letters that no one repeats on purpose: at random, n characters of a large alphabet have nearly log2(n) bits each.
        var counts: [UInt8: Int] = [:]
        for byte in core { counts[byte, default: 0] += 1 }
        let entropy = counts.values.reduce(0.0) { sum, count in
            let part = Double(count) / Double(core.count)
            return sum - part * log2(part)
        }
        let isHex = core.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
        if isHex { return core.count >= 24 && entropy >= 3 && changes * 4 >= core.count }
        return entropy >= 3.4 && changes * 3 >= core.count
    }
}
