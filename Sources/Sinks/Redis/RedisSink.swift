/// Adds records to a Redis stream: one entry each, with the fields `id` and `record`.
///
/// A batch is one transaction (MULTI and EXEC), so a batch that fails leaves nothing behind.
public actor RedisSink: Sink {
    private let address: RedisAddress
    private let stream: String
    private let maxLength: Int?
    private var connection: RedisConnection?

    /// - Parameters:
    ///   - stream: key of the stream.
    ///   - maxLength: about how many entries it keeps; nil for all.
    public init(_ address: RedisAddress, stream: String, maxLength: Int? = nil) {
        self.address = address
        self.stream = stream
        self.maxLength = maxLength
    }

    /// Returns when the server has said that the records are in the stream.
    public func deliver(_ records: [SinkRecord]) async throws {
        do {
            let limit = maxLength.map { ["MAXLEN", "~", "\($0)"] } ?? []
            let entries = records.map { record in
                ["XADD", stream] + limit + ["*", "id", record.id, "record", record.json]
            }
            let replies = try await opened().send([["MULTI"]] + entries + [["EXEC"]])
            guard case .array(let added?) = replies.last, added.count == records.count else { throw SinkError.notRedis }
            for case .failure(let code) in added { throw SinkError.redis(code: code) }
        } catch {
            await close()
            switch error {
            case is SinkError, is CancellationError: throw error
            default: throw SinkError.unreachable(reason: "\(type(of: error))")
            }
        }
    }

    /// Closes the connection.
    public func close() async {
        let open = connection
        connection = nil
        await open?.close()
    }

    private func opened() async throws -> RedisConnection {
        if let connection, connection.isOpen { return connection }
        let new = try await RedisConnection.open(address)
        connection = new
        return new
    }
}
