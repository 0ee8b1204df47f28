import GRDB

/// Keeps how far each of those who carry records elsewhere has come.
public protocol SinkPositions: Sendable {
    /// The last record that a sink has; nil for one that is new.
    func position(of sink: String) async throws -> AuditPosition?

    /// Keeps the last record that a sink has.
    ///
    /// It may be forgotten when the power fails; the sink then gets records again.
    func save(_ position: AuditPosition, of sink: String) async throws
}

/// Keeps the positions of sinks in an audit file, while a gateway writes its records there.
public struct SQLiteSinkPositions: SinkPositions {
    /// Path of the file.
    public let path: String

    private let database: DatabaseQueue

    /// Opens for positions an audit file that this process has open already.
    ///
    /// By SQLite alone, which knows what else is open: to look at the head of the file would take away the store's locks.
    ///
    /// Blocks for a moment on the file system.
    ///
    /// - Throws: ``AuditError`` when there is no such file or it can't be written.
    public init(path: String) throws(AuditError) {
        self.path = path
        database = try AuditFile(path: path).openBesideRecords(for: "sink")
        do {
            // A connection of its own, which waits for no disk: the writer of records is held up for microseconds.
            try database.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = NORMAL") }
        } catch {
            throw AuditError.of(error, path: path)
        }
    }

    /// The last record that a sink has.
    public func position(of sink: String) async throws -> AuditPosition? {
        try await access {
            try await database.read { db in try AuditPosition.fetch(db, of: sink) }
        }
    }

    /// Keeps the last record that a sink has.
    public func save(_ position: AuditPosition, of sink: String) async throws {
        try await access {
            try await database.write { db in try position.save(db, of: sink) }
        }
    }

    private func access<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}
