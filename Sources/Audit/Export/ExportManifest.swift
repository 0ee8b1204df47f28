public import Foundation

/// What an exported folder holds: `manifest.json`, written anew after each part.
public struct ExportManifest: Sendable, Codable, Hashable {
    /// A record by its place and its hash in the chain.
    public struct Place: Sendable, Codable, Hashable {
        /// Number of its chain; 1 in a store that one gateway writes.
        public var chain: Int
        /// Its sequence.
        public var sequence: Int
        /// Its hash.
        public var hash: String

        init(_ entry: AuditEntry) {
            chain = entry.chain
            sequence = entry.sequence
            hash = entry.hash
        }
    }

    /// One file of the folder.
    public struct Part: Sendable, Codable, Hashable {
        /// Name of the file.
        public var name: String
        /// How many records it holds.
        public var records: Int
        /// Its length.
        public var bytes: Int
        /// Its SHA-256, in lower-case hexadecimal.
        public var sha256: String
        /// The first record in it.
        public var first: Place
        /// The last record in it.
        public var last: Place
        /// The position after it, where the next part begins.
        var position: String
    }

    /// Version of this description.
    public var version = 1
    /// When the export began.
    public var created: Date
    /// How the records are written.
    public var format: ExportFormat
    /// Whether kept texts are among them.
    public var content: Bool
    /// Which records, with times instead of ages.
    public var filter: FilterWords
    /// Most records in a part.
    public var partRecords: Int
    /// Which records there were when the export began; those after them are not in it.
    var until: String
    /// The files, in order.
    public var parts: [Part] = []
    /// Whether all records are there.
    public var complete = false

    init(created: Date, plan: ExportPlan, filter: FilterWords, until: String) {
        self.created = created
        format = plan.format
        content = plan.hasContent
        self.filter = filter
        partRecords = plan.partRecords
        self.until = until
    }

    /// How many records there are so far.
    public var records: Int { parts.reduce(0) { $0 + $1.records } }

    /// Name of the file in the folder.
    static let name = "manifest.json"

    static func read(_ data: Data) throws -> ExportManifest {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = AuditTime.date(try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time")
            }
            return date
        }
        return try decoder.decode(ExportManifest.self, from: data)
    }

    func data() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(AuditTime.full(date))
        }
        return try encoder.encode(self) + Data("\n".utf8)
    }
}

/// How records are to be exported.
public struct ExportPlan: Sendable, Hashable {
    /// How they are written.
    public var format: ExportFormat
    /// Whether kept texts are among them.
    public var hasContent: Bool
    /// Most records in a part; at least 1.
    public var partRecords: Int

    /// Creates a plan.
    public init(format: ExportFormat = .jsonl, hasContent: Bool = false, partRecords: Int = 100_000) {
        self.format = format
        self.hasContent = hasContent
        self.partRecords = partRecords
    }
}
