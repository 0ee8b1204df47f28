import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// The connections to one chatbot: as many as there are exchanges under way, and those that wait for the next.
///
/// A request that is served on an event loop gets a connection of that loop, so that nothing of the exchange hops to another
/// thread.
final class UpstreamConnections: Sendable {
    /// What a request gets.
    private enum Lease: Sendable {
        case connection(UpstreamConnection)
        /// There is room for one more.
        case room
    }

    private struct State {
        /// Those without an exchange, by event loop; the last used is used next.
        var idle: [ObjectIdentifier: [UpstreamConnection]] = [:]
        var open: [ObjectIdentifier: UpstreamConnection] = [:]
        /// Connections that are open or being opened.
        var count = 0
        var waiting: [UInt64] = []
        var waiters: [UInt64: CheckedContinuation<Lease, any Error>] = [:]
        var isShutDown = false

        /// A connection of an event loop, else room for a new one, else a connection of another loop.
        mutating func lease(for eventLoop: (any EventLoop)?, limit: Int) -> Lease? {
            if let eventLoop, let connection = idle[ObjectIdentifier(eventLoop)]?.popLast() {
                return .connection(connection)
            }
            if eventLoop == nil || count >= limit, let key = idle.first(where: { !$0.value.isEmpty })?.key,
                let connection = idle[key]?.popLast()
            {
                return .connection(connection)
            }
            guard count < limit else { return nil }
            count += 1
            return .room
        }

        /// The one that has waited longest.
        mutating func nextWaiter() -> CheckedContinuation<Lease, any Error>? {
            guard !waiting.isEmpty else { return nil }
            return waiters.removeValue(forKey: waiting.removeFirst())
        }
    }

    private let address: UpstreamAddress
    private let limit: Int
    private let connectTimeout: TimeAmount
    private let pieceTimeout: TimeAmount
    private let tls: NIOSSLContext?
    private let state = Mutex(State())
    private let nextNumber = Atomic<UInt64>(1)
    /// Servers of chatbots commonly close idle connections after five seconds; a request must not meet one closing.
    private static let idleTimeout = TimeAmount.seconds(4)

    init(_ address: UpstreamAddress, settings: GatewaySettings) throws {
        self.address = address
        limit = max(1, settings.maxUpstreamConnections)
        connectTimeout = TimeAmount(settings.upstreamConnectTimeout)
        pieceTimeout = TimeAmount(settings.upstreamIdleTimeout)
        tls = address.isEncrypted ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
    }

    /// A number that no exchange had before.
    func number() -> UInt64 { nextNumber.wrappingAdd(1, ordering: .relaxed).oldValue }

    /// A connection for one exchange, which gives it back when it is over.
    ///
    /// - Parameter timeout: how long others may keep all of them.
    /// - Throws: what connecting throws, ``UpstreamFailure/timedOut``, or `CancellationError`.
    func lease(timeout: TimeAmount) async throws -> UpstreamConnection {
        let current = MultiThreadedEventLoopGroup.currentEventLoop
        let eventLoop = current ?? MultiThreadedEventLoopGroup.singleton.any()
        if let lease = try take(for: current) { return try await connection(lease, on: eventLoop) }
        let number = number()
        let alarm = eventLoop.scheduleTask(in: timeout) { self.stopWaiting(number, UpstreamFailure.timedOut) }
        defer { alarm.cancel() }
        let lease = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait($0, number) }
        } onCancel: {
            stopWaiting(number, CancellationError())
        }
        return try await connection(lease, on: eventLoop)
    }

    private func connection(_ lease: Lease, on eventLoop: any EventLoop) async throws -> UpstreamConnection {
        switch lease {
        case .connection(let connection): return connection
        case .room:
            do {
                return try await connect(on: eventLoop)
            } catch {
                forget(nil)
                throw error
            }
        }
    }

    /// Closes every connection; later requests fail.
    func shutDown() {
        let (open, waiters) = state.withLock { state in
            state.isShutDown = true
            defer { (state.waiters, state.waiting) = ([:], []) }
            return (Array(state.open.values), Array(state.waiters.values))
        }
        for connection in open { connection.close() }
        for waiter in waiters { waiter.resume(throwing: UpstreamFailure.unreachable) }
    }
}

// MARK: - Coming and going

extension UpstreamConnections {
    private func take(for eventLoop: (any EventLoop)?) throws -> Lease? {
        try state.withLock { state in
            guard !state.isShutDown else { throw UpstreamFailure.unreachable }
            return state.lease(for: eventLoop, limit: limit)
        }
    }

    private func wait(_ continuation: CheckedContinuation<Lease, any Error>, _ number: UInt64) {
        let lease = state.withLock { state -> Result<Lease, any Error>? in
            guard !state.isShutDown else { return .failure(UpstreamFailure.unreachable) }
            guard !Task.isCancelled else { return .failure(CancellationError()) }
            // Something may have come free since it was looked for.
            if let lease = state.lease(for: nil, limit: limit) { return .success(lease) }
            state.waiting.append(number)
            state.waiters[number] = continuation
            return nil
        }
        if let lease { continuation.resume(with: lease) }
    }

    private func stopWaiting(_ number: UInt64, _ error: any Error) {
        let waiter = state.withLock { state in
            state.waiting.removeAll { $0 == number }
            return state.waiters.removeValue(forKey: number)
        }
        waiter?.resume(throwing: error)
    }

    private func free(_ connection: UpstreamConnection) {
        let waiter = state.withLock { state in
            if let waiter = state.nextWaiter() { return waiter as CheckedContinuation<Lease, any Error>? }
            state.idle[ObjectIdentifier(connection.channel.eventLoop), default: []].append(connection)
            return nil
        }
        waiter?.resume(returning: .connection(connection))
    }

    /// A connection is closed; nil for one that was never opened.
    private func forget(_ connection: UpstreamConnection?) {
        let waiter = state.withLock { state in
            state.count -= 1
            if let connection {
                state.open[ObjectIdentifier(connection.channel)] = nil
                let key = ObjectIdentifier(connection.channel.eventLoop)
                state.idle[key]?.removeAll { $0.channel === connection.channel }
            }
            guard let waiter = state.nextWaiter() else { return nil as CheckedContinuation<Lease, any Error>? }
            state.count += 1
            return waiter
        }
        waiter?.resume(returning: .room)
    }

    private func connect(on eventLoop: any EventLoop) async throws -> UpstreamConnection {
        let (address, tls, pieceTimeout) = (address, tls, pieceTimeout)
        let connection = try await ClientBootstrap(group: eventLoop)
            .connectTimeout(connectTimeout)
            .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: address.serverName))
                    }
                    // Fields come as `HTTPFields`, which can't hold what would break a head.
                    try pipeline.addHTTPClientHandlers(enableOutboundHeaderValidation: false, withClientUpgrade: nil)
                    let handler = UpstreamChannelHandler(idleTimeout: Self.idleTimeout, pieceTimeout: pieceTimeout)
                    try pipeline.addHandler(handler)
                    return UpstreamConnection(channel: channel, handler: handler)
                }
            }
        let isWanted = state.withLock { state in
            state.open[ObjectIdentifier(connection.channel)] = connection
            return !state.isShutDown
        }
        connection.adopt(
            onFree: { [weak self] in self?.free(connection) },
            onClose: { [weak self] in self?.forget(connection) }
        )
        if !isWanted { connection.close() }
        return connection
    }
}
