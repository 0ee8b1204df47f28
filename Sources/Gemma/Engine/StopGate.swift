/// Lets text pass until a stop string begins, holding back an end that may become one.
struct StopGate: Sendable {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []
    /// Whether a stop string came; nothing passes any more.
    private(set) var isStopped = false

    init(_ stops: [String]) {
        self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
    }

    /// Takes text and gives what is certainly before any stop string.
    mutating func append(_ text: String) -> String {
        guard !isStopped else { return "" }
        held += text.utf8
        var start = 0
        while start < held.count {
            for stop in stops {
                let length = min(stop.count, held.count - start)
                guard held[start..<start + length].elementsEqual(stop[..<length]) else { continue }
                if length == stop.count {
                    isStopped = true
                    held.removeLast(held.count - start)
                    return release(upTo: start)
                }
                return release(upTo: start)
            }
            start += 1
        }
        return release(upTo: held.count)
    }

    /// What was held back, when no text will follow.
    mutating func finish() -> String {
        release(upTo: held.count)
    }

    private mutating func release(upTo end: Int) -> String {
        defer { held.removeFirst(end) }
        return String(decoding: held[..<end], as: UTF8.self)
    }
}
