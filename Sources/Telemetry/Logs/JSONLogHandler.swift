public import Foundation
public import Logging

/// Writes each event as one JSON object on one line: `time` (RFC 3339, UTC), `level`, `label`, `message`, and `metadata`
/// where there is any.
public struct JSONLogHandler: LogHandler {
    /// Metadata of every event.
    public var metadata: Logger.Metadata = [:]
    /// Asked for more metadata at each event.
    public var metadataProvider: Logger.MetadataProvider?
    /// Least severe level that is written.
    public var logLevel: Logger.Level

    private let label: String
    private let output: LogOutput
    private let now: @Sendable () -> Date

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - label: name of the logger.
    ///   - logLevel: least severe level that is written.
    ///   - metadataProvider: asked for more metadata at each event.
    ///   - output: where lines go.
    ///   - now: the clock.
    public init(
        label: String,
        logLevel: Logger.Level = .info,
        metadataProvider: Logger.MetadataProvider? = nil,
        output: LogOutput = .standardError,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.label = label
        self.logLevel = logLevel
        self.metadataProvider = metadataProvider
        self.output = output
        self.now = now
    }

    /// One value of the handler's own metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one event.
    public func log(event: LogEvent) {
        var object = JSONText()
        object.add("time", JSONText.quoted(LogTime.full(now())))
        object.add("level", JSONText.quoted(event.level.rawValue))
        object.add("label", JSONText.quoted(label))
        object.add("message", JSONText.quoted(event.message.description))
        let metadata = gathered(for: event)
        if !metadata.isEmpty { object.add("metadata", metadata.json) }
        output.write(object.line)
    }
}
