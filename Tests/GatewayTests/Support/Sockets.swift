import NIOCore
import NIOPosix

/// A TCP connection that speaks HTTP/1.1 by hand, so that tests say exactly what is on the wire.
struct Wire: Sendable {
    struct Message: Sendable {
        var start: String
        var fields: [(name: String, value: String)]
        var body: [UInt8]

        /// Status of a response.
        var status: Int { Int(start.split(separator: " ").dropFirst().first ?? "") ?? 0 }
        var text: String { String(decoding: body, as: UTF8.self) }

        subscript(name: String) -> String? { fields.first { $0.name.lowercased() == name }?.value }
    }

    struct Closed: Error {}

    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let source: Source
    let channel: any Channel

    /// Bytes as they come, with what was read too far.
    private actor Source {
        var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        var buffer: [UInt8] = []

        init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) { iterator = inbound.makeAsyncIterator() }

        func fill() async -> Bool {
            var iterator = iterator
            defer { self.iterator = iterator }
            guard let next = try? await iterator.next(isolation: self) else { return false }
            buffer += next.readableBytesView
            return true
        }

        func line() async throws -> String {
            while true {
                if let end = buffer.firstIndex(of: 0x0A) {
                    let line = String(decoding: buffer[..<end], as: UTF8.self)
                    buffer.removeFirst(end + 1)
                    return line.hasSuffix("\r") ? String(line.dropLast()) : line
                }
                guard await fill() else { throw Closed() }
            }
        }

        func take(_ count: Int) async throws -> [UInt8] {
            while buffer.count < count {
                guard await fill() else { throw Closed() }
            }
            defer { buffer.removeFirst(count) }
            return Array(buffer.prefix(count))
        }

        func rest() async -> [UInt8] {
            while await fill() {}
            defer { buffer = [] }
            return buffer
        }
    }

    init(
        _ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.outbound = outbound
        self.channel = channel.channel
        source = Source(inbound)
    }

    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// Ends one chunk of a chunked body.
    func sendChunk(_ text: String) async throws {
        try await send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
    }

    /// Reads until the peer closes, and returns what came.
    func rest() async -> [UInt8] { await source.rest() }

    /// Reads a line.
    func line() async throws -> String { try await source.line() }

    /// Reads a head; its body is still to be read.
    func head() async throws -> Message {
        var message = Message(start: try await line(), fields: [], body: [])
        while true {
            let line = try await line()
            if line.isEmpty { return message }
            let parts = line.split(separator: ":", maxSplits: 1)
            message.fields.append((String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""))
        }
    }

    /// Reads a chunk of a chunked body; nil after the last.
    func chunk() async throws -> [UInt8]? {
        let size = Int(try await line(), radix: 16) ?? 0
        let bytes = try await source.take(size)
        _ = try await line()
        return size == 0 ? nil : bytes
    }

    /// Reads a whole message.
    func message() async throws -> Message {
        var message = try await head()
        if message["transfer-encoding"]?.lowercased() == "chunked" {
            while let bytes = try await chunk() { message.body += bytes }
        } else {
            message.body = try await source.take(Int(message["content-length"] ?? "0") ?? 0)
        }
        return message
    }

    /// Sends a request and reads the response.
    func request(
        _ method: String = "POST",
        _ path: String = "/v1/chat/completions",
        fields: String = "",
        body: String? = nil
    ) async throws -> Message {
        let length = body.map { "content-length: \($0.utf8.count)\r\n" } ?? ""
        try await send("\(method) \(path) HTTP/1.1\r\nhost: test\r\n\(fields)\(length)\r\n\(body ?? "")")
        return try await message()
    }

    /// Sends a request, says when a sign has come in the streamed answer, and reads on.
    func request(
        _ path: String = "/v1/chat/completions",
        body: String,
        untilSeen sign: String,
        then proceed: () -> Void
    ) async throws -> Message {
        try await send("POST \(path) HTTP/1.1\r\nhost: test\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)")
        var message = try await head()
        while let bytes = try await chunk() {
            message.body += bytes
            if message.text.contains(sign) { proceed() }
        }
        return message
    }

    /// Answers with a whole body.
    func respond(
        _ body: String,
        status: String = "200 OK",
        type: String = "application/json",
        fields: String = ""
    ) async throws {
        try await send(
            "HTTP/1.1 \(status)\r\ncontent-type: \(type)\r\n\(fields)content-length: \(body.utf8.count)\r\n\r\n\(body)"
        )
    }

    /// Begins a streamed answer.
    func beginStream() async throws {
        try await send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    }
}

/// Connects to a port and runs a conversation.
func withConnection<Value: Sendable>(to port: Int, _ talk: @escaping @Sendable (Wire) async throws -> Value)
    async throws -> Value
{
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        try await talk(Wire(channel, inbound, outbound))
    }
}

/// Runs a server that plays a script on each connection, for as long as the body runs.
func withServer<Value: Sendable>(
    _ script: @escaping @Sendable (Wire) async throws -> Void,
    _ body: @escaping @Sendable (Int) async throws -> Value
) async throws -> Value {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
        .bind(host: "127.0.0.1", port: 0) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    let port = server.channel.localAddress?.port ?? 0
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            try await withThrowingDiscardingTaskGroup { connections in
                try await server.executeThenClose { clients in
                    for try await client in clients {
                        connections.addTask {
                            try? await client.executeThenClose { inbound, outbound in
                                try? await script(Wire(client, inbound, outbound))
                            }
                        }
                    }
                }
                connections.cancelAll()
            }
        }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(port))
        } catch {
            result = .failure(error)
        }
        // Closed rather than cancelled: a client that comes at this moment must still be taken, or NIO stops the process.
        try? await server.channel.close()
        try await group.waitForAll()
        return try result.get()
    }
}

/// A port that nobody listens on, and that no test is ever given: it is privileged and long out of use.
let unusedPort = 1
