import GRDB

/// Where the chain ends, or where it was at some record.
struct ChainEnd: Sendable, Hashable {
    var sequence: Int64
    var hash: String

    static func fetch(_ db: some StoreAccess) throws -> ChainEnd? {
        try db.rows("SELECT sequence, hash FROM chain WHERE \(db.chain.condition)", []).first
            .map { ChainEnd(sequence: $0["sequence"], hash: $0["hash"]) }
    }

    /// Id of the store; nil in a file that an older version of the program wrote.
    static func fetchStore(_ db: some StoreAccess) throws -> String? {
        let columns = try db.hasTable("checkpoint") ? "store" : "NULL AS store"
        return try db.rows("SELECT \(columns) FROM chain WHERE \(db.chain.condition)", []).first?["store"]
    }

    func save(_ db: Database) throws {
        var row = try Insertion(db, sql: "UPDATE chain SET sequence = ?, hash = ?")
        row.bind(sequence)
        row.bind(hash)
        try row.run()
    }
}
