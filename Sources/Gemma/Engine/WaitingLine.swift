/// Requests that wait for a pass, in order: those that finish something first, then first in, first out.
struct WaitingLine {
    private struct Place {
        let request: EngineRequest
        /// Whether one behind it was taken before it.
        var wasOvertaken = false
    }

    private var places: [Place] = []

    var count: Int { places.count }

    mutating func add(_ request: EngineRequest) {
        guard request.admission == .finishing else { return places.append(Place(request: request)) }
        let index = places.firstIndex { $0.request.admission != .finishing } ?? places.count
        places.insert(Place(request: request), at: index)
    }

    /// Takes a request out; false if it doesn't wait here.
    mutating func remove(_ request: EngineRequest) -> Bool {
        guard let index = places.firstIndex(where: { $0.request === request }) else { return false }
        places.remove(at: index)
        return true
    }

    mutating func removeAll() -> [EngineRequest] {
        defer { places = [] }
        return places.map(\.request)
    }

    /// Takes the requests of the next pass: the first in line, and then each one that fits into what is left of `rows`.
    ///
    /// The first is taken whatever its size. A request whose cache is used by one in the pass, or by one before it that
    /// stays, stays too.
    ///
    /// A small request may join a pass ahead of one that doesn't fit, but only in one pass: nothing behind a request that
    /// was overtaken goes until it has gone. Those that come to the front meanwhile finish what had begun before, which
    /// comes to an end; so nothing waits for ever.
    mutating func takePass(rows: Int) -> [EngineRequest] {
        var pass: [EngineRequest] = []
        var room = rows
        var caches: Set<ObjectIdentifier> = []
        var taken: [Int] = []
        for (index, place) in places.enumerated() {
            let request = place.request
            let isFree = caches.isDisjoint(with: request.caches)
            caches.formUnion(request.caches)
            if pass.isEmpty || (isFree && request.rows <= room) {
                room -= request.rows
                pass.append(request)
                taken.append(index)
            } else if place.wasOvertaken {
                break
            }
        }
        for index in 0..<(taken.last ?? 0) { places[index].wasOvertaken = true }
        for index in taken.reversed() { places.remove(at: index) }
        return pass
    }
}
