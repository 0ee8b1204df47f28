/// Where the audit store is.
public enum AuditLocation: Sendable, Hashable, CustomStringConvertible {
    /// A SQLite file at this path.
    case file(String)
    /// A PostgreSQL database, and the path of a file for records that it can't take.
    case database(PostgresAddress, spill: String)

    /// As people may read it.
    public var description: String {
        switch self {
        case .file(let path): path
        case .database(let address, _): address.description
        }
    }

    /// Opens the store for questions; nothing is created.
    ///
    /// - Parameter keys: what kept texts are encrypted with.
    public func reader(keys: AuditTextKeys = AuditTextKeys()) throws(AuditError) -> any AuditReader {
        switch self {
        case .file(let path): try SQLiteAuditReader(path: path, keys: keys)
        case .database(let address, _): PostgresAuditReader(PostgresPool(address, keys: keys))
        }
    }

    /// Opens the store for labels.
    public func labels() throws(AuditError) -> any AuditLabels {
        switch self {
        case .file(let path): try SQLiteAuditLabels(path: path)
        case .database(let address, _): PostgresAuditUpkeep(PostgresPool(address))
        }
    }

    /// Opens the store for questions that people ask again.
    public func savedQueries() throws(AuditError) -> any SavedQueryStore {
        switch self {
        case .file(let path): try SQLiteSavedQueries(path: path)
        case .database(let address, _): PostgresAuditUpkeep(PostgresPool(address))
        }
    }

    /// Opens the store for how far those have come who carry its records elsewhere.
    public func sinkPositions() throws(AuditError) -> any SinkPositions {
        switch self {
        case .file(let path): try SQLiteSinkPositions(path: path)
        case .database(let address, _): PostgresAuditUpkeep(PostgresPool(address))
        }
    }

    /// Opens the store to look after it.
    ///
    /// - Parameter keys: what kept texts are encrypted with.
    public func upkeep(keys: AuditTextKeys = AuditTextKeys()) throws(AuditError) -> any AuditUpkeep {
        switch self {
        case .file(let path): try SQLiteAuditUpkeep(path: path, keys: keys)
        case .database(let address, _): PostgresAuditUpkeep(PostgresPool(address, keys: keys))
        }
    }

    /// Opens the store for a gateway's records, and makes it where there is none.
    ///
    /// Blocks.
    ///
    /// - Parameters:
    ///   - keeper: decides what is kept of the judged texts.
    ///   - sealing: who signs checkpoints, and how often; nil signs none.
    ///   - spills: whether a record that can't be written goes to a file of this machine and counts as kept.
    public func store(keeper: ContentKeeper, sealing: AuditSealing?, spills: Bool) throws(AuditError) -> any AuditStore
    {
        switch self {
        case .file(let path):
            try SQLiteAuditStore(path: path, keeper: keeper, sealing: sealing, spills: spills)
        case .database(let address, let spill):
            try PostgresAuditStore(address, keeper: keeper, sealing: sealing, spill: spill, spills: spills)
        }
    }
}
