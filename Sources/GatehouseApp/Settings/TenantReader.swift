import Audit
import Yams

/// Reads `tenants:`, whose traffic it is by API key.
///
/// | key | meaning |
/// |---|---|
/// | `name` | what policies and records call the tenant |
/// | `keys` | SHA-256 of each of its API keys, as hexadecimal digits: one, a list, or a mapping that gives each a name |
///
/// No message shows a value: somebody may have put a key itself there.
struct TenantReader {
    private static let expectedName = "a name of \(PlainName.expectation)"
    private static let expectedKeys = "the SHA-256 of each API key: 64 hexadecimal digits"

    private static let expectedClient = "a name for each key: \(PlainName.expectation)"

    /// Names by digest, in lower case.
    private(set) var names: [String: String] = [:]
    /// Names of keys by digest; only those that have one.
    private(set) var clients: [String: String] = [:]

    /// Reads one entry.
    mutating func read(_ node: Node, name: String, file: String) throws(SettingsError) {
        let entry = try EntryReader(node, name: name, noun: "a tenant", keys: ["name", "keys"], file: file)
        guard let tenant = try entry.text("name", expected: Self.expectedName), PlainName.accepts(tenant) else {
            throw entry.problem("name", expected: Self.expectedName)
        }
        let named = entry.members("keys")
        let listed = named == nil ? try entry.texts("keys", expected: Self.expectedKeys) : named?.map { $0.value }
        guard let keys = listed else {
            throw entry.problem("keys", expected: Self.expectedKeys)
        }
        for (client, key) in named ?? [] {
            guard PlainName.accepts(client) else { throw entry.problem("keys", expected: Self.expectedClient) }
            clients[key.lowercased()] = client
        }
        for key in keys {
            guard key.utf8.count == 64, key.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                throw entry.problem("keys", expected: Self.expectedKeys)
            }
            guard names.updateValue(tenant, forKey: key.lowercased()) == nil else {
                throw entry.problem("keys", expected: "keys that no other entry has")
            }
        }
    }
}
