internal import Foundation

/// Bounds what the aliases of a text can expand to, before a parser touches it: hashing a mapping key made of nested
/// aliases takes as long as writing it out.
struct AliasCensus {
    private let anchors: Int
    private let aliases: Int

    /// Counts what can be anchors and aliases; text that merely looks like one counts too.
    init(_ text: String) {
        var anchors = 0
        var aliases = 0
        var previous: UInt8 = 0x20
        var isPending: UInt8?
        for byte in text.utf8 {
            if let sign = isPending, byte > 0x20 {
                if sign == 0x26 { anchors += 1 } else { aliases += 1 }
            }
            // After white space or one of [ { , : - ? an & or * may begin a name.
            let mayBegin = previous <= 0x20 || [0x5B, 0x7B, 0x2C, 0x3A, 0x2D, 0x3F].contains(previous)
            isPending = mayBegin && (byte == 0x26 || byte == 0x2A) ? byte : nil
            previous = byte
        }
        self.anchors = anchors
        self.aliases = aliases
    }

    /// Whether nested aliases could reach a million values.
    ///
    /// With `a` aliases over `n` levels of anchors, the widest tree has `a / n` aliases on each level and `(a / n)^n` leaves.
    var mayExplode: Bool {
        guard anchors > 0, aliases > 0 else { return false }
        let levels = min(Double(anchors), Double(aliases) / exp(1))
        return levels * log(max(Double(aliases) / max(levels, 1), 1)) > log(1_000_000)
    }
}
