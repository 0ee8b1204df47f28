import Audit

/// Why the admin API can't be opened, or its keys can't be used.
///
/// Never carries any part of a key.
public enum AdminError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not an address to listen on.
    case badAddress(String)
    /// Others than this machine could reach the API, and nobody could use it.
    case keyless(address: String, path: String?)
    /// The address can't be listened on; `reason` is the system's own word.
    case cannotListen(address: String, reason: String)
    /// There is no file with keys.
    case missingFile(path: String)
    /// The file with keys can't be read, or should not be.
    case unusableFile(path: String, reason: String)
    /// Not a name for a key.
    case badName(String)
    /// Somebody has an active key already.
    case taken(name: String)
    /// Nobody of this name has an active key.
    case unknownKey(name: String, known: [String])
    /// A time of expiry that has passed.
    case expired(String)

    /// What was found and what to do.
    public var description: String {
        switch self {
        case .badAddress(let text):
            "'\(text)' is not an address to listen on; expected one such as 127.0.0.1:8081 or [::1]:8081"
        case .keyless(let address, let path):
            "the admin API would listen on \(address), which others can reach, and there is no active key; make one with"
                + " 'gatehouse admin key create --name NAME --role reader"
                + (path.map { " --admin-keys \($0)'" } ?? " --admin-keys FILE' and name the file in admin.keys")
                + ", or listen on 127.0.0.1"
        case .cannotListen(let address, let reason):
            "the admin API can't listen on \(address): \(reason); choose another address with admin.listen"
        case .missingFile(let path):
            "there is no file '\(path)' with admin keys; 'gatehouse admin key create' makes it"
        case .unusableFile(let path, let reason):
            "the file '\(path)' with admin keys can't be used: \(reason)"
        case .badName(let name):
            "'\(name.prefix(64).filter { $0.isASCII && !$0.isNewline })' is not a name for a key; expected "
                + PlainName.expectation
        case .taken(let name):
            "'\(name)' has an active key; revoke it first with 'gatehouse admin key revoke \(name)', or choose another name"
        case .unknownKey(let name, let known):
            "'\(name)' has no active key; "
                + (known.isEmpty ? "nobody has" : "those who have: \(known.joined(separator: ", "))")
        case .expired(let text):
            "the key would have expired already (\(text)); expected a time to come, or a span such as 90d"
        }
    }
}
