import NIOCore
import NIOPosix
import NIOSSL

/// A connection to a Redis server; commands may follow each other without waiting.
final class RedisConnection: Sendable {
    private let channel: any Channel
    private let replies: NIOLoopBound<RedisReplies>

    /// How long a connection, or a reply, is waited for.
    private static let timeout = TimeAmount.seconds(10)

    private init(_ channel: any Channel, _ replies: NIOLoopBound<RedisReplies>) {
        self.channel = channel
        self.replies = replies
    }

    var isOpen: Bool { channel.isActive }

    /// Connects, says who asks, and chooses the database.
    static func open(_ address: RedisAddress) async throws -> RedisConnection {
        let tls = address.isEncrypted ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
        let (channel, replies) = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(timeout)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let isName = (try? SocketAddress(ipAddress: address.host, port: 0)) == nil
                    let replies = RedisReplies()
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: isName ? address.host : nil)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(RESPDecoder()))
                    try channel.pipeline.syncOperations.addHandler(replies)
                    return (channel, NIOLoopBound(replies, eventLoop: channel.eventLoop))
                }
            }
        let connection = RedisConnection(channel, replies)
        var greeting: [[String]] = []
        if let password = address.password {
            greeting.append(["AUTH"] + (address.user.map { [$0] } ?? []) + [password])
        }
        if address.database > 0 { greeting.append(["SELECT", "\(address.database)"]) }
        do {
            _ = try await connection.send(greeting)
        } catch {
            await connection.close()
            throw error
        }
        return connection
    }

    /// Sends commands and gives their replies, in order.
    ///
    /// - Throws: ``SinkError/redis(code:)`` for the first that is an error, when all have come.
    func send(_ commands: [[String]]) async throws -> [RESPValue] {
        guard !commands.isEmpty else { return [] }
        var buffer = channel.allocator.buffer(capacity: 4096)
        for command in commands { buffer.writeCommand(command) }
        let (bytes, count) = (buffer, commands.count)
        let values = try await channel.eventLoop.flatSubmit { [channel, replies] in
            let promise = channel.eventLoop.makePromise(of: [RESPValue].self)
            replies.value.expect(count, promise)
            let limit = channel.eventLoop.scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
            promise.futureResult.whenComplete { _ in limit.cancel() }
            channel.writeAndFlush(bytes, promise: nil)
            return promise.futureResult
        }.get()
        for case .failure(let code) in values { throw SinkError.redis(code: code) }
        return values
    }

    func close() async { try? await channel.close() }
}

/// Gives replies to those who wait for them, in order.
private final class RedisReplies: ChannelInboundHandler {
    typealias InboundIn = RESPValue

    private var waiting: [(count: Int, values: [RESPValue], promise: EventLoopPromise<[RESPValue]>)] = []
    private var isOver = false

    func expect(_ count: Int, _ promise: EventLoopPromise<[RESPValue]>) {
        if isOver { return promise.fail(SinkError.unreachable(reason: "the connection was closed")) }
        waiting.append((count, [], promise))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !waiting.isEmpty else { return context.close(promise: nil) }
        waiting[0].values.append(unwrapInboundIn(data))
        guard waiting[0].values.count == waiting[0].count else { return }
        let (_, values, promise) = waiting.removeFirst()
        promise.succeed(values)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error is SinkError ? error : SinkError.unreachable(reason: "\(type(of: error))"))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(SinkError.unreachable(reason: "the connection was closed"))
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error) {
        isOver = true
        let waiting = waiting
        self.waiting = []
        for (_, _, promise) in waiting { promise.fail(error) }
    }
}

/// Cuts what comes into values.
private struct RESPDecoder: ByteToMessageDecoder {
    typealias InboundOut = RESPValue

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let value = try buffer.readRESP() else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(value))
        return .continue
    }
}
