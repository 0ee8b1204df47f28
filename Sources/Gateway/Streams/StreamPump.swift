import Hummingbird
import Logging
import Moderation
import NIOCore

/// Moves a streamed answer from the upstream through the gate to the client, judging while it reads.
struct StreamPump: Sendable {
    let exchange: Exchange
    let body: UpstreamBody
    /// Reads the answer; as it was before the first byte.
    let reader: any StreamReader
    let windows: StreamWindows
    let status: Int
    /// The id of the answer's decision, which the client was given before the decision was made.
    let decisionID: DecisionID

    /// What happens next.
    private enum Event: Sendable {
        case bytes(ByteBuffer?)
        case upstreamFailed(UpstreamFailure)
        case judged(StreamGate.Window, Judgement)
        case silence
    }

    /// How the stream goes on.
    private struct Flow: Sendable {
        var gate: StreamGate
        var reader: any StreamReader
        var isReading = false
        var failure: GatewayError?
    }

    /// Runs until the answer is over, one way or the other; its record is kept before its last bytes go out.
    ///
    /// - Throws: when the client is gone.
    @concurrent
    func run(writer: inout any ResponseBodyWriter) async throws {
        var flow = Flow(
            gate: StreamGate(
                windows: windows,
                expectedChoices: exchange.request.choiceCount,
                mode: exchange.mode,
                placeholders: exchange.placeholders
            ),
            reader: reader
        )
        do {
            try await pump(&flow, to: &writer)
            await body.drop()
            try await close(&flow, to: &writer)
        } catch {
            await body.drop()
            try await closeAfterDeparture(&flow)
            throw error
        }
    }

    /// Reads, judges and writes, until the gate is done or stopped.
    @concurrent
    private func pump(_ flow: inout Flow, to writer: inout any ResponseBodyWriter) async throws {
        try await withThrowingTaskGroup(of: Event.self) { group in
            defer { group.cancelAll() }
            var lastWrite = ContinuousClock.now
            addAlarm(to: &group)
            while true {
                let out = flow.gate.release(by: &flow.reader)
                if !out.isEmpty {
                    try await writer.write(ByteBuffer(bytes: out))
                    lastWrite = .now
                }
                if flow.gate.stop != nil || flow.gate.isDone { return }
                if flow.gate.needsRecord {
                    do throws(GatewayError) {
                        try await keep(&flow, ending: ending(of: flow))
                    } catch {
                        flow.failure = error
                        return
                    }
                    continue
                }
                if let window = flow.gate.nextWindow() {
                    exchange.gateway.metrics.countWindow()
                    group.addTask { [exchange] in
                        try await withRoom(for: window.turn.bytes) {
                            .judged(
                                window,
                                try await exchange.judge(response: window.turn, knowing: window.placeholders)
                            )
                        }
                    }
                }
                if !flow.isReading, flow.gate.wantsEvents {
                    flow.isReading = true
                    group.addTask { [body] in await Self.read(body) }
                }
                guard let event = try await group.next() else { return }
                guard !Task.isCancelled else { throw GatewayError.clientGone }
                if case .silence = event {
                    if lastWrite.duration(to: .now) >= keepAlive, !flow.reader.keepAlive.isEmpty {
                        try await writer.write(ByteBuffer(bytes: flow.reader.keepAlive))
                        lastWrite = .now
                    }
                    addAlarm(to: &group)
                    continue
                }
                take(event, into: &flow)
            }
        }
    }

    private var keepAlive: Duration { exchange.gateway.settings.keepAlive }

    private func addAlarm(to group: inout ThrowingTaskGroup<Event, any Error>) {
        group.addTask { [keepAlive] in
            try await Task.sleep(for: keepAlive)
            return .silence
        }
    }

    private static func read(_ body: UpstreamBody) async -> Event {
        do {
            return .bytes(try await body.next())
        } catch let error as UpstreamFailure {
            return .upstreamFailed(error)
        } catch {
            return .upstreamFailed(.brokeOff)
        }
    }

    private func receive(_ events: [StreamEvent], into flow: inout Flow) {
        exchange.gateway.metrics.countHeldEvents(events.count)
        flow.gate.receive(events)
    }

    private func take(_ event: Event, into flow: inout Flow) {
        switch event {
        case .silence:
            break
        case .judged(let window, let judgement):
            flow.gate.judged(window, judgement)
        case .upstreamFailed(let failure):
            flow.isReading = false
            end(&flow, failure: .upstream(failure))
        case .bytes(let bytes):
            flow.isReading = false
            do {
                guard let bytes else {
                    receive(try flow.reader.finish(), into: &flow)
                    return end(&flow, failure: nil)
                }
                // Line by line: what came before something unreadable is read all the same.
                for line in bytes.readableBytesView.split(after: UInt8(ascii: "\n")) {
                    receive(try flow.reader.read(Array(line)), into: &flow)
                }
            } catch {
                end(&flow, failure: .unreadableResponse)
            }
        }
    }

    private func end(_ flow: inout Flow, failure: GatewayError?) {
        flow.failure = failure
        flow.gate.end()
    }

    private func ending(of flow: Flow) -> Ending {
        if let failure = flow.failure { return failure.ending ?? .upstreamFailed }
        return flow.gate.sawError ? .upstreamError : .completed
    }
}

// MARK: - The end

extension StreamPump {
    /// Writes what ends a stream that could not simply run out.
    @concurrent
    private func close(_ flow: inout Flow, to writer: inout any ResponseBodyWriter) async throws {
        var failure = flow.failure
        switch flow.gate.stop {
        case .blocked(let choice):
            exchange.gateway.metrics.countStop("blocked")
            do {
                try await keep(&flow, ending: .completed)
                let refusal = flow.gate.refusal(of: choice)
                let bytes = flow.reader.refusal(refusal.reply, choice: choice, isOpen: refusal.isOpen)
                try await writer.write(ByteBuffer(bytes: bytes))
                return
            } catch let error as GatewayError {
                failure = error
            }
        case .tooMuchHeld:
            exchange.gateway.metrics.countStop("too_much_held")
            failure = .responseTooLarge
            do throws(GatewayError) {
                try await keep(&flow, ending: .upstreamFailed)
            } catch {
                failure = error
            }
        case .textAfterEnd:
            exchange.gateway.metrics.countStop("text_after_end")
            failure = .unreadableResponse
        case nil:
            break
        }
        guard let failure else { return }
        exchange.logger.info("stream cut", metadata: ["error.type": "\(failure.publicError.code)"])
        try await writer.write(ByteBuffer(bytes: flow.reader.failure(failure.publicError)))
    }

    /// Keeps the record of a stream whose client hung up.
    private func closeAfterDeparture(_ flow: inout Flow) async throws(GatewayError) {
        exchange.gateway.metrics.countStop("client_gone")
        try await keep(&flow, ending: .clientGone)
    }

    /// Keeps the answer's record, which there is one of however the stream goes on.
    private func keep(_ flow: inout Flow, ending: Ending) async throws(GatewayError) {
        guard !flow.gate.isRecorded else { return }
        var decision = exchange.decision(flow.gate.judgement)
        decision.id = decisionID
        try await exchange.keep(
            decision,
            turns: flow.gate.turns,
            ending: ending,
            status: status,
            streamed: true,
            releasedCharacters: flow.gate.releasedCharacters
        )
        flow.gate.recorded()
    }
}

extension Collection where Element: Equatable {
    /// The stretches that end with an element, and what follows the last of them.
    fileprivate func split(after end: Element) -> [SubSequence] {
        var stretches: [SubSequence] = []
        var rest = self[...]
        while let place = rest.firstIndex(of: end) {
            stretches.append(rest[...place])
            rest = rest[rest.index(after: place)...]
        }
        if !rest.isEmpty { stretches.append(rest) }
        return stretches
    }
}
