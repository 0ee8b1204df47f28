public import Foundation
public import Logging

/// Writes each event as a line for people: `14:30:05.123 info  message key=value`.
///
/// Times are UTC.
public struct TextLogHandler: LogHandler {
    /// Metadata of every event.
    public var metadata: Logger.Metadata = [:]
    /// Asked for more metadata at each event.
    public var metadataProvider: Logger.MetadataProvider?
    /// Least severe level that is written.
    public var logLevel: Logger.Level

    private let isColoured: Bool
    private let output: LogOutput
    private let now: @Sendable () -> Date

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - logLevel: least severe level that is written.
    ///   - metadataProvider: asked for more metadata at each event.
    ///   - isColoured: whether to add ANSI colours.
    ///   - output: where lines go.
    ///   - now: the clock.
    public init(
        logLevel: Logger.Level = .info,
        metadataProvider: Logger.MetadataProvider? = nil,
        isColoured: Bool = false,
        output: LogOutput = .standardError,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.logLevel = logLevel
        self.metadataProvider = metadataProvider
        self.isColoured = isColoured
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
        let time = LogTime.full(now()).dropFirst(11).dropLast()
        let level = event.level.rawValue
        let padded = level + String(repeating: " ", count: max(0, 8 - level.count))
        var line = "\(time) \(paint(padded, event.level)) \(Self.safe(event.message.description))"
        for (key, value) in gathered(for: event).sorted(by: { $0.key < $1.key }) {
            line += " " + Self.safe(key) + "=" + Self.word(value)
        }
        output.write(line)
    }

    private func paint(_ text: String, _ level: Logger.Level) -> String {
        guard isColoured else { return text }
        let code =
            switch level {
            case .trace, .debug: "2"
            case .info: "32"
            case .notice: "36"
            case .warning: "33"
            case .error, .critical: "1;31"
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// A plain word as it is, anything else in quotes.
    private static func word(_ value: Logger.MetadataValue) -> String {
        let text =
            switch value {
            case .string(let text): text
            case .stringConvertible(let value): value.description
            case .array, .dictionary: value.json
            }
        let isPlain =
            !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != "\"" }
        return isPlain ? text : JSONText.quoted(text)
    }

    /// On one line and without anything that drives a terminal.
    private static func safe(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl =
                scalar.properties.generalCategory == .control || scalar.value == 0x2028 || scalar.value == 0x2029
            out.append(isControl ? " " : scalar)
        }
        return String(out)
    }
}
