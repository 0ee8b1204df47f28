/// Names that people give to what records, acts and logs speak of: keys, clients, tenants, saved queries, sinks.
public enum PlainName {
    /// What a name must be, in words.
    public static let expectation = "1 to 64 letters, digits, '.', '_', '-' and '@'"

    /// Whether a text can be one: nothing in it has a meaning of its own where it is written, and it looks the same to everybody.
    public static func accepts(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "._-@".utf8.contains(byte)
            }
    }
}
