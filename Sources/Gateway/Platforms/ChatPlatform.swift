public import Foundation
public import HTTPTypes

/// A chat platform that sends its events to a bot's webhook.
public protocol ChatPlatform: Sendable {
    /// Stable name, such as `slack`; recorded with each decision.
    var name: String { get }

    /// Where the person's words stand in an event; every other string is listed as unscanned.
    var words: [JSONPath] { get }

    /// Where the bot's words stand in its answer; every other string is read as well.
    var replies: [JSONPath] { get }

    /// Where an event names workspace and channel, widest first.
    var namespace: [JSONPath] { get }

    /// Where an event names the thread that a message belongs to, or else begins; the first that is there counts.
    var thread: [JSONPath] { get }

    /// Where an event names the bot that it is for; nil where it doesn't.
    var bot: JSONPath? { get }

    /// Names whose values are the platform's own ids rather than anyone's words.
    var identifiers: Set<String> { get }

    /// Where an event says its id, by which the platform's next try is known; nil where it never tries again.
    var eventID: JSONPath? { get }

    /// Checks that the platform sent an event, before anything of it is read.
    ///
    /// - Throws: ``GatewayError/unauthorized``.
    func authenticate(_ body: [UInt8], headers: HTTPFields, at time: Date) throws(GatewayError)

    /// What answers an event that is for the webhook itself, not for the bot, as JSON; nil for every other.
    func greeting(for event: JSONDocument) -> String?

    /// An answer, as JSON, that says something to the person who wrote, and to nobody else where that can be.
    func message(_ text: String, to event: JSONDocument) -> String

    /// Signs an event whose text was masked, so that the bot can go on checking.
    func sign(_ headers: inout HTTPFields, body: [UInt8])

    /// How a bot that takes its time gets it; nil where an event has to be answered at once.
    func deferral(of event: JSONDocument) -> Deferral?
}

/// How an answer reaches a person after the platform has stopped waiting for it.
public struct Deferral: Sendable, Hashable {
    /// What the platform is told in the meantime, as JSON.
    public var notice: String
    /// How long the bot may take before that.
    public var delay: Duration
    /// Path of the platform's API that takes the answer, by PATCH.
    public var path: String
}

extension ChatPlatform {
    /// None: the platform doesn't try again.
    public var eventID: JSONPath? { nil }

    /// None: a channel has no threads, or a thread is a channel.
    public var thread: [JSONPath] { [] }

    /// Leaves the signature as it is: only the platform can make one.
    public func sign(_ headers: inout HTTPFields, body: [UInt8]) {}

    /// None: the event has to be answered at once.
    public func deferral(of event: JSONDocument) -> Deferral? { nil }
}

extension JSONDocument {
    /// The text of the first string that a path names.
    func text(at path: JSONPath) -> String? {
        path.values(in: self).lazy.compactMap { string($0.value) }.first
    }

    /// The text of a member of the root.
    func text(_ key: String) -> String? { string(root[key]) }
}

extension JSONPath {
    /// A path that is known to make sense.
    init(known text: String) {
        do {
            try self.init(text)
        } catch {
            preconditionFailure("'\(text)' is not a path: \(error)")
        }
    }
}

extension HTTPFields {
    /// The value of a field that is there once; nil otherwise.
    func only(_ name: String) -> String? {
        let found = filter { $0.name.canonicalName == name }
        return found.count == 1 ? found[0].value : nil
    }
}

extension StringProtocol {
    /// The bytes that hexadecimal digits say; nil for anything else.
    var hexBytes: [UInt8]? {
        let digits = utf8.map { JSONText.hexDigit($0) }
        guard digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).reduce(into: [UInt8]?([])) { bytes, index in
            guard let high = digits[index], let low = digits[index + 1] else {
                bytes = nil
                return
            }
            bytes?.append(UInt8(high * 16 + low))
        }
    }
}
