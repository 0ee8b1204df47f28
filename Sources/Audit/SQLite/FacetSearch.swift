import GRDB
import Moderation

/// Finds the places of records that may pass a filter by what is noted of their names (``Facet``).
struct FacetSearch {
    /// One condition: any of some names.
    private struct Choice {
        var names: [(kind: Facet.Kind, name: String)]
        /// In words, for people.
        var text: String
    }

    /// All of these must hold.
    private var choices: [Choice] = []
    /// Places that are known otherwise, in order; those outside of any of these are none.
    private var sets: [(places: [Int64], text: String)] = []

    /// Names of a kind that a pattern is compared with at most.
    private static let nameLimit = 1000
    /// Stretches whose bits are looked at together, at first and at most.
    private static let stretches: ClosedRange<Int64> = 8...512
    /// Places that are given out together, at first and at most.
    private static let batch = 128...4096

    /// Draws from a filter what is noted.
    ///
    /// - Returns: nil where it asks for nothing of that, and in a file of an older version.
    init?(_ filter: AuditFilter, _ db: Database) throws {
        guard try db.tableExists("facet") else { return nil }
        addNames(filter)
        for (kind, pattern) in [
            (Facet.Kind.tenant, filter.tenant), (.route, filter.route), (.model, filter.model),
            (.client, filter.client),
        ] {
            if let pattern { try add(kind, pattern, db) }
        }
        if let revision = filter.revision?.lowercased() {
            try add(.policy, revision + "*", db) { $0.hasPrefix(revision) }
        }
        if let label = filter.label, label != .none { try add(label, db) }
        if choices.isEmpty && sets.isEmpty { return nil }
    }

    /// A search for some places alone; nil in a file of an older version.
    init?(_ places: [Int64], _ text: String, _ db: Database) throws {
        guard try db.tableExists("facet") else { return nil }
        add(places, text)
    }

    /// Adds that it is one of some places, which are in order.
    mutating func add(_ places: [Int64], _ text: String) { sets.append((places, text)) }

    /// What is asked for, a line each.
    var lines: [String] { choices.map(\.text) + sets.map(\.text) }

    private mutating func add(_ kind: Facet.Kind, _ names: [String]) {
        let text = kind.rawValue + (names == [""] ? "" : " " + names.joined(separator: " or "))
        choices.append(Choice(names: names.map { (kind, $0) }, text: text))
    }

    private mutating func addNames(_ filter: AuditFilter) {
        if let direction = filter.direction { add(.direction, [direction.rawValue]) }
        if let cause = filter.cause { add(.cause, [cause.rawValue]) }
        if let failMode = filter.failMode { add(.failMode, [failMode.rawValue]) }
        if filter.isUnscanned { add(.unscanned, [""]) }
        if !filter.results.isEmpty {
            let names = filter.results.map(\.rawValue).sorted()
            let outcomes = filter.results.compactMap(\.outcome).filter { $0 > .allow }.map(\.rawValue).sorted()
            choices.append(
                Choice(
                    names: names.map { (.result, $0) } + outcomes.map { (.outcome, $0) },
                    text: "result " + names.joined(separator: " or ")
                )
            )
        }
        if let rule = filter.rule { add(.fired, [rule]) }
        for score in filter.scores {
            let first = score.lower.map { Facet.step(of: $0.score) } ?? 0
            let last = score.upper.map { Facet.step(of: $0.score) } ?? Facet.steps - 1
            if first < Facet.firstStep {
                add(.scored, [score.rule])
            } else {
                add(.score, (first..<max(first, last + 1)).map { Facet.step($0, of: score.rule) })
            }
        }
    }

    /// A name, or those that fit a pattern with `*`; a pattern that too many names might fit is left to the records.
    private mutating func add(
        _ kind: Facet.Kind,
        _ pattern: String,
        _ db: Database,
        fits: ((String) -> Bool)? = nil
    ) throws {
        guard let star = pattern.firstIndex(of: "*") else { return add(kind, [pattern]) }
        let beginning = String(pattern[..<star])
        var (names, looked) = ([String](), 0)
        try Facet.eachName(kind, from: beginning, db) { name in
            guard name.utf8.starts(with: beginning.utf8) else { return false }
            looked += 1
            let isFit =
                try fits?(name)
                ?? Bool.fetchOne(db, sql: "SELECT ? GLOB ?", arguments: [name, SQLDialect.glob(pattern)]) ?? false
            if isFit { names.append(name) }
            return looked <= Self.nameLimit
        }
        if looked <= Self.nameLimit { add(kind, names) }
    }

    /// The records whose newest label says so.
    private mutating func add(_ label: LabelFilter, _ db: Database) throws {
        guard try db.hasTable("label") else { return }
        var newest: [Int64: Bool] = [:]
        let rows = try RawRows(
            db,
            sql: "SELECT l.record, l.finding = ? FROM label l ORDER BY l.id",
            arguments: [label.rawValue]
        )
        while try rows.next() { newest[rows.integer(0)] = rows.integer(1) != 0 }
        add(newest.filter(\.value).keys.sorted(), "label \(label.rawValue)")
    }
}

// MARK: - The search

extension FacetSearch {
    /// Gives the places in a span, in order, some at a time, until told that it is enough.
    func each(
        within span: PlaceSpan,
        isNewestFirst: Bool,
        _ db: Database,
        _ body: ([Int64]) throws -> Bool
    ) throws {
        guard span.count > 0 else { return }
        let (low, high) = (span.start / Facet.stretch, span.end / Facet.stretch)
        var next = isNewestFirst ? high : low
        var width = Self.stretches.lowerBound
        var batch: [Int64] = []
        var size = Self.batch.lowerBound
        while next >= low, next <= high {
            let stretches = isNewestFirst ? max(low, next - width + 1)...next : next...min(high, next + width - 1)
            let words = try common(stretches, db).words
            let origin = stretches.lowerBound * Facet.stretch
            for index in words.indices {
                let index = isNewestFirst ? words.count - 1 - index : index
                var word = words[index]
                while word != 0 {
                    let bit = isNewestFirst ? 63 - word.leadingZeroBitCount : word.trailingZeroBitCount
                    word &= ~(1 << UInt64(bit))
                    let place = origin + Int64(index) * 64 + Int64(bit)
                    guard place >= span.start, place <= span.end else { continue }
                    batch.append(place)
                    guard batch.count == size else { continue }
                    guard try body(batch) else { return }
                    batch.removeAll(keepingCapacity: true)
                    size = min(size * 2, Self.batch.upperBound)
                }
            }
            next = isNewestFirst ? stretches.lowerBound - 1 : stretches.upperBound + 1
            width = min(width * 2, Self.stretches.upperBound)
        }
        if !batch.isEmpty { _ = try body(batch) }
    }

    /// The places that all conditions leave; all of a stretch that nothing is noted of.
    private func common(_ stretches: ClosedRange<Int64>, _ db: Database) throws -> PlaceBits {
        let count = Int(stretches.upperBound - stretches.lowerBound) + 1
        var unknown = Set(0..<count)
        try Self.rows(.all, "", stretches, db) { index, _ in unknown.remove(index) }
        var common = PlaceBits.all(stretches: count)
        for choice in choices {
            var any = PlaceBits(stretches: count)
            for index in unknown { any.addAll(at: index) }
            for (kind, name) in choice.names {
                try Self.rows(kind, name, stretches, db) { any.add($1, at: $0) }
            }
            common.formIntersection(any)
        }
        let origin = stretches.lowerBound * Facet.stretch
        for (places, _) in sets {
            var some = PlaceBits(stretches: count)
            for place in places[Self.index(of: origin, in: places)...] {
                guard place / Facet.stretch <= stretches.upperBound else { break }
                some.insert(Int(place - origin))
            }
            common.formIntersection(some)
        }
        return common
    }

    /// Where the first place is that is not below one.
    private static func index(of place: Int64, in places: [Int64]) -> Int {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func rows(
        _ kind: Facet.Kind,
        _ name: String,
        _ stretches: ClosedRange<Int64>,
        _ db: Database,
        _ body: (Int, UnsafeRawBufferPointer) -> Void
    ) throws {
        let rows = try RawRows(
            db,
            sql: "SELECT stretch, places FROM facet WHERE kind = ? AND name = ? AND stretch BETWEEN ? AND ?",
            arguments: [kind.rawValue, name, stretches.lowerBound, stretches.upperBound]
        )
        while try rows.next() { body(Int(rows.integer(0) - stretches.lowerBound), rows.bytes(1)) }
    }
}
