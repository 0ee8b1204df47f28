public import Foundation
public import Moderation

/// How long a store keeps what.
public struct RetentionPolicy: Sendable, Hashable {
    /// Decisions whose texts are kept equally long.
    public enum TextClass: String, Sendable, Codable, Hashable, CaseIterable {
        /// What was allowed.
        case allowed
        /// What was flagged, or passed on with something masked.
        case flagged
        /// What was blocked.
        case blocked

        /// Outcomes of the decisions.
        public var outcomes: [Outcome] {
            switch self {
            case .allowed: [.allow]
            case .flagged: [.flag, .redact]
            case .blocked: [.block]
            }
        }
    }

    /// After how many seconds kept texts are erased; those of other classes stay as long as their records.
    public var texts: [TextClass: TimeInterval]
    /// After how many seconds records are deleted; nil keeps them.
    public var records: TimeInterval?
    /// Bytes from which on the oldest records are deleted, however old; nil for no limit.
    public var maxBytes: Int?

    /// Creates a policy; one of nothing keeps everything.
    public init(texts: [TextClass: TimeInterval] = [:], records: TimeInterval? = nil, maxBytes: Int? = nil) {
        self.texts = texts
        self.records = records
        self.maxBytes = maxBytes
    }

    /// Whether everything is kept.
    public var isEmpty: Bool { self == RetentionPolicy() }

    /// Whether records go, which takes signed checkpoints.
    public var deletesRecords: Bool { records != nil || maxBytes != nil }
}

/// What a retention policy would do to a store now.
public struct RetentionForecast: Sendable, Codable, Hashable {
    /// Texts that would be erased.
    public var texts: Int
    /// Records that would be deleted for their age.
    public var records: Int
    /// Bytes that the store's content takes.
    public var usedBytes: Int
    /// Bytes that are more than there may be.
    public var excessBytes: Int
}

/// An amount of bytes as people write it.
public enum ByteSize {
    private static let units = ["TB": 1e12, "GB": 1e9, "MB": 1e6, "kB": 1e3]

    /// The bytes of a size such as `20GB`, `1.5TB` or `500MB`, above 0; nil for anything else.
    public static func bytes(_ text: String) -> Int? {
        guard let unit = units.first(where: { text.hasSuffix($0.key) }) else { return nil }
        let digits = text.dropLast(unit.key.count)
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let number = Double(digits), number > 0,
            number * unit.value < 1e18
        else { return nil }
        return Int(number * unit.value)
    }
}
