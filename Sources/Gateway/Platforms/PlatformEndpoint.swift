import NIOCore
import Synchronization

/// A path on which a chat platform's events come, and the bot that they are for.
public struct PlatformEndpoint: Sendable {
    /// The path as routes are matched: canonical, lower case.
    let path: String
    let platform: any ChatPlatform
    let bot: any Upstream
    /// Path of the bot's webhook.
    let botPath: String
    /// The platform's own API; nil where nothing is sent to it.
    let api: (any Upstream)?
    let recent = RecentEvents()

    /// Creates an endpoint.
    ///
    /// - Parameters:
    ///   - path: where events come, such as `/slack/events`.
    ///   - platform: who sends them.
    ///   - bot: the server of the bot.
    ///   - botPath: path of its webhook.
    ///   - api: the platform's own API, for answers that it no longer waits for.
    public init(
        path: String,
        platform: any ChatPlatform,
        bot: any Upstream,
        botPath: String,
        api: (any Upstream)? = nil
    ) {
        self.path = RequestTarget(path)?.canonical ?? path
        self.platform = platform
        self.bot = SigningUpstream(bot: bot, platform: platform)
        self.botPath = botPath
        self.api = api
    }
}

/// A bot whose events are signed anew, since masking changes them.
private struct SigningUpstream: Upstream {
    let bot: any Upstream
    let platform: any ChatPlatform

    func send(_ request: UpstreamRequest) async throws -> UpstreamResponse {
        var request = request
        if case .bytes(let body) = request.body {
            platform.sign(&request.headers, body: Array(body.readableBytesView))
        }
        return try await bot.send(request)
    }
}

/// Ids of events that were taken, the newest few thousand.
final class RecentEvents: Sendable {
    private struct State {
        var known: Set<String> = []
        var order: [String] = []
        var next = 0
    }

    private static let most = 4_096

    private let state = Mutex(State())

    /// Takes an id; false when it was there already.
    func insert(_ id: String) -> Bool {
        state.withLock { state in
            guard state.known.insert(id).inserted else { return false }
            if state.order.count < Self.most {
                state.order.append(id)
            } else {
                state.known.remove(state.order[state.next])
                state.order[state.next] = id
                state.next = (state.next + 1) % Self.most
            }
            return true
        }
    }

    /// Forgets an id, so that the next try is taken.
    func remove(_ id: String) { state.withLock { _ = $0.known.remove(id) } }
}
