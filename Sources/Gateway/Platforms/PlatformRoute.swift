import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// A chat platform's webhook: the event is authenticated, judged and passed on to the bot; the bot's answer is judged.
struct PlatformRoute: Sendable {
    let gateway: Gateway
    let endpoint: PlatformEndpoint

    private var platform: any ChatPlatform { endpoint.platform }

    func respond(to request: Request, context: GatewayRequestContext) async -> Response {
        do {
            guard request.method == .post else { throw GatewayError.methodNotAllowed(allowed: "POST") }
            let body = try await context.body(of: request, settings: gateway.settings)
            try platform.authenticate(body, headers: request.headers, at: Date())
            return await answer(try event(body), body: body, request: request, context: context)
        } catch {
            let error = GatewayError(error)
            context.logger.info("event refused", metadata: ["error.type": "\(error.publicError.code)"])
            return error.response()
        }
    }

    private var route: DialectRoute { DialectRoute(name: endpoint.path, path: endpoint.botPath) }

    private func event(_ body: [UInt8]) throws(DialectError) -> JSONDocument {
        try DocumentReader(body, surrogates: .reject, isAnswer: false).document
    }

    private func answer(
        _ event: JSONDocument,
        body: [UInt8],
        request: Request,
        context: GatewayRequestContext
    ) async -> Response {
        if let greeting = platform.greeting(for: event) { return Self.json(greeting) }
        let id = platform.eventID.flatMap { event.text(at: $0) }
        if let id, !endpoint.recent.insert(id) {
            context.logger.info("event answered before")
            return Response(status: .ok)
        }
        // A platform hangs up after a few seconds and expects the event to be taken all the same.
        let work = Task { [self] in
            let response = await judged(event, body: body, request: request, context: context)
            // What failed may be tried again.
            if let id, response.status.code >= 500 { endpoint.recent.remove(id) }
            return response
        }
        guard let deferral = platform.deferral(of: event), let api = endpoint.api else { return await work.value }
        if let response = await Self.value(of: work, within: deferral.delay) { return response }
        Task { await deliver(await work.value, to: api, path: deferral.path, logger: context.logger) }
        return Self.json(deferral.notice)
    }

    /// Judges an event and, where it may pass, the bot's answer.
    private func judged(
        _ event: JSONDocument,
        body: [UInt8],
        request: Request,
        context: GatewayRequestContext
    ) async -> Response {
        var gateway = gateway
        gateway.upstream = endpoint.bot
        // A platform shows messages, not errors.
        gateway.settings.blockAs = .message
        let dialect = PlatformDialect(platform: platform, event: event)
        let route = ModeratedRoute(gateway: gateway, dialect: dialect, route: route, query: "")
        var head = request.head
        head.headerFields[.expect] = nil
        let whole = Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: body)))
        return await route.respond(to: whole, context: context)
    }

    private static func json(_ text: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}

// MARK: - Answers that come late

extension PlatformRoute {
    /// What a task gives in time; nil where it takes longer, and goes on.
    private static func value(of work: Task<Response, Never>, within delay: Duration) async -> Response? {
        let (first, continuation) = AsyncStream.makeStream(of: Response?.self)
        let waiting = Task { continuation.yield(await work.value) }
        let timer = Task {
            try await Task.sleep(for: delay)
            continuation.yield(nil)
        }
        defer {
            waiting.cancel()
            timer.cancel()
        }
        for await response in first { return response }
        return nil
    }

    /// Fills in the message that the platform was promised.
    private func deliver(_ response: Response, to api: any Upstream, path: String, logger: Logger) async {
        do {
            let bytes = try await response.bytes(upTo: gateway.settings.maxResponseBytes)
            let document = try? JSONDocument(bytes)
            let message = document?.root["data"].map { Array(bytes[$0.range]) }
            let unanswered = Array("{\"content\":\"The bot can't answer right now.\"}".utf8)
            let body = response.status.code == 200 ? message ?? unanswered : unanswered
            let answer = try await api.send(
                UpstreamRequest(
                    method: .patch,
                    path: path,
                    headers: [.contentType: "application/json"],
                    body: .bytes(ByteBuffer(bytes: body))
                )
            )
            await answer.body.drop()
            guard answer.status.kind != .successful else { return }
            logger.error("late answer refused by the platform", metadata: ["status": "\(answer.status.code)"])
        } catch {
            logger.error("late answer not delivered", metadata: ["error.type": "\(type(of: error))"])
        }
    }
}

extension Response {
    /// The whole body.
    fileprivate func bytes(upTo maxBytes: Int) async throws -> [UInt8] {
        let collector = BodyCollector(maxBytes: maxBytes)
        try await body.write(collector)
        return await collector.bytes.value
    }
}

/// Keeps a body instead of sending it.
private struct BodyCollector: ResponseBodyWriter {
    actor Bytes {
        private(set) var value: [UInt8] = []

        func append(_ buffer: ByteBuffer, upTo maxBytes: Int) throws {
            guard value.count + buffer.readableBytes <= maxBytes else { throw GatewayError.responseTooLarge }
            value += buffer.readableBytesView
        }
    }

    let maxBytes: Int
    let bytes = Bytes()

    func write(_ buffer: ByteBuffer) async throws { try await bytes.append(buffer, upTo: maxBytes) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
