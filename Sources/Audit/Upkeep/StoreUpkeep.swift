/// Looks after a store that understands SQL: most of it is done in the same words, one chain after the other.
package protocol StoreUpkeep: AuditUpkeep {
    associatedtype Reader: StoreReading

    /// Asks over the same connections.
    var reader: Reader { get }

    /// What kept texts are encrypted with.
    var keys: AuditTextKeys { get }

    /// Changes what belongs to a chain, all or nothing, while no gateway adds to it.
    ///
    /// - Throws: ``AuditError``, or `CancellationError`.
    func write<Value: Sendable>(
        _ chain: ChainScope,
        _ body: @escaping @Sendable (Reader.Access) throws -> Value
    ) async throws -> Value

    /// Tidies up where records were deleted.
    func finishDeletion() async throws

    /// Removes older copies of texts that were changed; false when others, who read all the time, kept it from that.
    func sweep() async throws -> Bool
}

extension StoreUpkeep {
    /// All chains of the store, in order of number.
    func chains() async throws -> [ChainScope] {
        try await reader.read { db in try db.chains.map(\.chain) }
    }

    /// Asks for what belongs to a chain.
    func read<Value: Sendable>(
        _ chain: ChainScope,
        _ body: @escaping @Sendable (Reader.Access) throws -> Value
    ) async throws -> Value {
        try await reader.read { db in try body(db.scoped(to: chain)) }
    }
}
