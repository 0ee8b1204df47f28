import Dispatch
import Synchronization

/// Connections for questions and for upkeep, made as they are needed and kept for the next ones.
package final class PostgresPool: Sendable {
    let address: PostgresAddress
    /// What kept texts are encrypted with.
    let keys: AuditTextKeys

    private let idle = Mutex<[PostgresConnection]>([])
    private let threads = DispatchQueue(label: "audit questions", attributes: .concurrent)

    /// How long the server may think about a question.
    private static let silence = Duration.seconds(600)

    init(_ address: PostgresAddress, keys: AuditTextKeys = AuditTextKeys()) {
        self.address = address
        self.keys = keys
    }

    /// Works in a transaction: of one moment and without changes, or with changes, all or nothing.
    ///
    /// - Throws: ``AuditError``, or what the body throws of that kind.
    func transact<Value: Sendable>(
        isReading: Bool,
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await use { [self] connection in try transact(connection, isReading: isReading, body) }
    }

    /// Works with a connection.
    ///
    /// - Throws: as a transaction.
    func use<Value: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            threads.async { [self] in continuation.resume(with: Result { try useBlocking(body) }) }
        }
    }

    /// Reads in a transaction on the caller's own thread.
    func readBlocking<Value>(_ body: (PostgresSession) throws -> Value) throws -> Value {
        try useBlocking { connection in try transact(connection, isReading: true, body) }
    }

    private func transact<Value>(
        _ connection: PostgresConnection,
        isReading: Bool,
        _ body: (PostgresSession) throws -> Value
    ) throws -> Value {
        try connection.run(isReading ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN")
        do {
            let value = try body(PostgresSession(connection: connection, chain: .only, keys: keys))
            try connection.run("COMMIT")
            return value
        } catch {
            _ = try? connection.run("ROLLBACK")
            throw error
        }
    }

    private func useBlocking<Value>(_ body: (PostgresConnection) throws -> Value) throws -> Value {
        do {
            let connection = try take()
            defer { if connection.isUsable { idle.withLock { $0.append(connection) } } }
            return try body(connection)
        } catch {
            throw AuditError.of(error, address: address)
        }
    }

    /// A connection that works: one that was idle may have been ended by the server since.
    private func take() throws -> PostgresConnection {
        while let connection = idle.withLock({ $0.popLast() }) {
            if (try? connection.run("SELECT 1")) != nil { return connection }
        }
        let connection = try PostgresConnection(address, patience: Self.silence)
        try PostgresSchema.check(connection)
        return connection
    }
}
