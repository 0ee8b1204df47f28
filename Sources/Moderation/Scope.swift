/// Where a request comes from and where it goes: what overrides of a policy ask about.
public struct Scope: Sendable, Hashable {
    /// Which route of the gateway, such as `/v1/chat/completions`.
    public var route: String
    /// Whose traffic.
    public var tenant: String
    /// The chatbot's model name, as the request gave it; empty where it gave none.
    public var model: String
    /// Where on a chat platform, such as `slack/T024/C012`; empty elsewhere.
    public var channel: String

    /// Creates a scope.
    public init(route: String = "", tenant: String = "default", model: String = "", channel: String = "") {
        self.route = route
        self.tenant = tenant
        self.model = model
        self.channel = channel
    }
}

/// Which scopes an override is for.
///
/// Each list holds patterns in which `*` stands for any characters; one of them must match. An empty list matches all.
public struct ScopePattern: Sendable, Codable, Hashable {
    /// Routes.
    public var routes: [String]
    /// Tenants.
    public var tenants: [String]
    /// Names of the chatbot's models.
    public var models: [String]
    /// Channels of chat platforms.
    public var channels: [String]
    /// Directions.
    public var directions: Set<Direction>

    /// Creates a pattern; without anything it matches every scope.
    public init(
        routes: [String] = [],
        tenants: [String] = [],
        models: [String] = [],
        channels: [String] = [],
        directions: Set<Direction> = []
    ) {
        self.routes = routes
        self.tenants = tenants
        self.models = models
        self.channels = channels
        self.directions = directions
    }

    /// Whether the override is for texts of this scope and direction.
    public func matches(_ scope: Scope, _ direction: Direction) -> Bool {
        func isIn(_ patterns: [String], _ value: String) -> Bool {
            patterns.isEmpty || patterns.contains { Self.matches(Array($0.utf8), Array(value.utf8)) }
        }
        return (directions.isEmpty || directions.contains(direction)) && isIn(routes, scope.route)
            && isIn(tenants, scope.tenant) && isIn(models, scope.model) && isIn(channels, scope.channel)
    }

    /// Compares with a pattern in time of the product of both lengths at most.
    private static func matches(_ pattern: [UInt8], _ value: [UInt8]) -> Bool {
        var (p, v) = (0, 0)
        var retry: (pattern: Int, value: Int)?
        while v < value.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                p += 1
                retry = (p, v)
            } else if p < pattern.count, pattern[p] == value[v] {
                p += 1
                v += 1
            } else if let last = retry {
                p = last.pattern
                v = last.value + 1
                retry = (p, v)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
