import GRDB
import Moderation

/// Says in which stretches of records a route, a model, a client, a cause or a policy occurs, so that few records of a name are found
/// among millions without an index of every record.
///
/// A stretch is 256 places in a row. What most records have costs a row a stretch; what one in a million has, a row each.
struct NamedPlaces {
    /// Columns of a record that have names of which some are rare.
    enum Kind: String, CaseIterable {
        case route
        case model
        case client
        case cause
        case policy = "policy_revision"

        fileprivate func name(of record: StoredRecord) -> String? {
            switch self {
            case .route: record.route
            case .model: record.model
            case .client: record.client
            case .cause: record.cause
            case .policy: record.policyRevision
            }
        }
    }

    /// How many places a stretch has.
    static let stretch: Int64 = 256

    /// Names that were noted in a stretch, by kind.
    private var noted = Array(repeating: Set<String>(), count: Kind.allCases.count)
    private var current: Int64 = -1

    /// Takes note of a record's names.
    mutating func add(_ record: StoredRecord, at sequence: Int64, _ db: Database) throws {
        let stretch = sequence / Self.stretch
        if stretch != current {
            current = stretch
            for index in noted.indices { noted[index].removeAll(keepingCapacity: true) }
        }
        for (index, kind) in Kind.allCases.enumerated() {
            guard let name = kind.name(of: record), noted[index].insert(name).inserted else { continue }
            var row = try Insertion(db, sql: "INSERT OR IGNORE INTO name_place (kind, name, stretch) VALUES (?, ?, ?)")
            row.bind(kind.rawValue)
            row.bind(name)
            row.bind(stretch)
            try row.run()
        }
    }
}

extension NamedPlaces {
    /// Removes what was noted of records that are no longer there.
    static func forgetPruned(_ db: Database) throws {
        let sql = "DELETE FROM name_place WHERE stretch < (SELECT min(sequence) FROM record) / \(stretch)"
        try db.execute(sql: sql)
    }

    /// Names that a pattern is compared with at most.
    private static let nameLimit = 100

    /// The names of a kind that begin so, in order; found one after the other.
    ///
    /// - Returns: nil where there are more than it is worth to look at.
    static func names(_ kind: Kind, from first: String = "", below end: String? = nil, _ db: Database) throws
        -> [String]?
    {
        var names: [String] = []
        let sql = """
            SELECT name FROM name_place WHERE kind = ? AND name \(first.isEmpty ? ">" : ">=") ? ORDER BY name LIMIT 1
            """
        let next = "SELECT name FROM name_place WHERE kind = ? AND name > ? ORDER BY name LIMIT 1"
        var found = try String.fetchOne(db, sql: sql, arguments: [kind.rawValue, first])
        while let name = found, end.map({ name < $0 }) ?? true {
            names.append(name)
            guard names.count <= nameLimit else { return nil }
            found = try String.fetchOne(db, sql: next, arguments: [kind.rawValue, name])
        }
        return names
    }
}

extension AccessWay {
    /// Through the stretches in which the names that a filter asks for occur; empty where it asks for none, or only for names that
    /// stand in no index.
    static func named(_ filter: AuditFilter, within span: PlaceSpan, _ db: Database) throws -> [AccessWay] {
        var wanted: [(kind: NamedPlaces.Kind, name: String)] = []
        for (kind, pattern) in [
            (NamedPlaces.Kind.route, filter.route), (.model, filter.model), (.client, filter.client),
            (.cause, filter.cause?.rawValue),
        ] {
            guard let pattern else { continue }
            let star = pattern.firstIndex(of: "*")
            guard let star else {
                wanted.append((kind, pattern))
                continue
            }
            // Only a pattern that one name fits leads anywhere; those of many names have most of the records.
            guard let names = try NamedPlaces.names(kind, from: String(pattern[..<star]), db) else { continue }
            let fitting = try names.filter { try Self.fits($0, pattern, db) }
            if fitting.isEmpty { return [.nowhere] }
            if fitting.count == 1 { wanted.append((kind, fitting[0])) }
        }
        if let revision = filter.revision?.lowercased() {
            let names = try NamedPlaces.names(.policy, from: revision, below: revision + "g", db)
            if names?.isEmpty == true { return [.nowhere] }
            if let names, names.count == 1 { wanted.append((.policy, names[0])) }
        }
        return wanted.indices.map { index in
            let others = wanted.indices.filter { $0 != index }
            let holds = "EXISTS (SELECT 1 FROM name_place o WHERE o.kind = ? AND o.name = ? AND o.stretch = p.stretch)"
            let first = [wanted[index]] + others.map { wanted[$0] }
            let bounds = "p.stretch BETWEEN \(span.start / NamedPlaces.stretch) AND \(span.end / NamedPlaces.stretch)"
            var way = AccessWay(
                source: """
                    name_place p CROSS JOIN record r ON r.sequence BETWEEN p.stretch * \(NamedPlaces.stretch)
                    AND p.stretch * \(NamedPlaces.stretch) + \(NamedPlaces.stretch - 1)
                    """,
                conditions: ["p.kind = ? AND p.name = ?", bounds] + others.map { _ in holds },
                arguments: first.flatMap { [$0.kind.rawValue, $0.name] }
            )
            // Not to be looked up by: the stretch is the narrower span.
            way.place = "+r.sequence"
            way.order = ["p.stretch", "r.sequence"]
            way.counted = (table: "name_place p", rowsEach: NamedPlaces.stretch)
            return way
        }
    }

    private static func fits(_ name: String, _ pattern: String, _ db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT ? GLOB ?", arguments: [name, SQLDialect.glob(pattern)]) ?? false
    }
}
