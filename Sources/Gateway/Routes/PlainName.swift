/// A name that a client chose, as policies and records see it: neither its length nor its characters are free.
enum PlainName {
    /// The name with `?` in the place of anything but letters, digits and `._:/@+-`.
    ///
    /// - Parameter limit: most characters of it.
    static func shown(_ name: String, limit: Int) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.prefix(limit).map { scalar in
                    switch scalar {
                    case "A"..."Z", "a"..."z", "0"..."9", ".", "_", ":", "/", "@", "+", "-": scalar
                    default: "?"
                    }
                }
            )
        )
    }
}
