import Foundation
import GRDB

/// A path that is, or is to become, an audit file: what is there, and how it is opened.
struct AuditFile {
    let path: String
    /// What kept texts are encrypted with.
    var keys = AuditTextKeys()

    /// How long another program's lock is waited for, in seconds.
    static let busySeconds = 10.0

    private var url: URL { URL(fileURLWithPath: path) }

    /// Creates the file when it is absent, readable by its owner only, and checks that it is nobody else's.
    func checkForWriting() throws(AuditError) {
        let folder = url.deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw .missingFolder(path: path, folder: folder)
        }
        if try size() == nil {
            let isCreated = FileManager.default.createFile(
                atPath: path,
                contents: Data(),
                attributes: [.posixPermissions: 0o600]
            )
            guard isCreated else { throw .cannotOpen(path: path, reason: "it can't be created in '\(folder)'") }
        }
        guard FileManager.default.isWritableFile(atPath: path) else { throw .notWritable(path: path) }
        try checkHeader()
        if (try size() ?? 0) > 0 { try checkContents(isNewAllowed: true) }
    }

    /// Checks that an audit file is there.
    ///
    /// Creates nothing.
    func checkForReading() throws(AuditError) {
        guard try size() != nil else { throw .missingFile(path: path) }
        try checkHeader()
        try checkContents(isNewAllowed: false)
    }

    func openForReading() throws(AuditError) -> any DatabaseReader {
        var configuration = configuration
        configuration.readonly = true
        do {
            return try DatabaseQueue(path: url.path, configuration: configuration)
        } catch {
            throw AuditError.of(error, path: path)
        }
    }

    /// Opens the file, brings its schema up to date and proves that it can be written.
    func openForWriting(at time: Date) throws(AuditError) -> DatabasePool {
        do {
            let pool = try DatabasePool(path: url.path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // After the pool has chosen NORMAL for its WAL: FULL syncs the log at each commit, so that a committed
                // record survives a power cut.
                // What SQLite notes down to undo half a statement has texts in it and goes to no file.
                // 16 MB of log before it is folded into the file, so that a page that grows with many records goes there once.
                try db.execute(
                    sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY"
                )
            }
            try Schema.migrator.migrate(pool)
            try pool.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO chain (one, sequence, hash, created, opened, store) VALUES (1, 0, ?, ?, ?, ?)
                        ON CONFLICT DO UPDATE SET opened = excluded.opened, store = coalesce(store, excluded.store)
                        """,
                    arguments: [
                        ChainHash.genesis, time.microseconds, time.microseconds, UUID().uuidString.lowercased(),
                    ]
                )
            }
            return pool
        } catch {
            throw AuditError.of(error, path: path)
        }
    }

    /// Opens an existing file for what lies beside the records; these are left alone.
    ///
    /// - Parameter table: where it lies.
    func openBesideRecords(for table: String) throws(AuditError) -> DatabaseQueue {
        guard FileManager.default.isWritableFile(atPath: path) else { throw .notWritable(path: path) }
        do {
            let queue = try DatabaseQueue(path: url.path, configuration: configuration)
            // A gateway that may be at work in the file has done this, unless it is older.
            if try queue.read({ db in try !db.tableExists(table) || !db.hasChainedLabels() }) {
                try Schema.migrator.migrate(queue)
            }
            return queue
        } catch {
            throw AuditError.of(error, path: path)
        }
    }

    private var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Self.busySeconds)
        configuration.label = "audit"
        configuration.prepareDatabase { [keys] db in
            db.add(function: CaseFolding.function)
            db.add(function: TextOpening.function(keys))
            // What is removed is overwritten at once, so that no free page holds what somebody had erased.
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        return configuration
    }

    /// Length in bytes; nil when nothing is there.
    private func size() throws(AuditError) -> Int? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
        guard !isFolder.boolValue else { throw .notAFile(path: path) }
        do {
            return try FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)[.size] as? Int
                ?? 0
        } catch {
            throw .cannotOpen(path: path, reason: "its length can't be read")
        }
    }

    /// An empty file is a database to be; anything else begins with SQLite's own words.
    private func checkHeader() throws(AuditError) {
        let head: Data
        do {
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }
            head = try handle.read(upToCount: 16) ?? Data()
        } catch {
            throw .cannotOpen(path: path, reason: "it can't be read")
        }
        guard head.isEmpty || head == Data("SQLite format 3\0".utf8) else { throw .notADatabase(path: path) }
    }

    /// Looks into the file, without changing it, whether it is an audit file of a version that this program knows.
    private func checkContents(isNewAllowed: Bool) throws(AuditError) {
        let database = try openForReading()
        do {
            try database.read { db in
                let id = try Int.fetchOne(db, sql: "PRAGMA application_id")
                let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
                if tables == 0, isNewAllowed { return }
                guard id == Schema.applicationID else { throw AuditError.notAnAuditFile(path: path) }
                let migrator = Schema.migrator
                if try migrator.hasBeenSuperseded(db) {
                    let unknown = try migrator.appliedIdentifiers(db).subtracting(migrator.migrations)
                    throw AuditError.newerSchema(path: path, found: unknown.sorted())
                }
            }
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}
