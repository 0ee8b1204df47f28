public import Foundation

/// Which acts; nil means all.
public struct ActFilter: Sendable, Hashable {
    /// What was done.
    public var kind: AuditAct.Kind?
    /// Who did it, with or without a role behind the name; `*` stands for any characters.
    public var actor: String?
    /// Earliest time.
    public var since: Date?
    /// Latest time, exclusive.
    public var until: Date?

    /// Creates a filter; one of nothing lets every act pass.
    public init(kind: AuditAct.Kind? = nil, actor: String? = nil, since: Date? = nil, until: Date? = nil) {
        self.kind = kind
        self.actor = actor
        self.since = since
        self.until = until
    }
}

/// Some acts, the newest first, and where to go on.
public struct ActPage: Sendable, Hashable {
    /// The acts.
    public var acts: [AuditAct]
    /// What the next page follows; nil where there are no more.
    public var next: AuditPosition?
}

extension ActPage {
    /// The newest acts of each chain before a position, merged so that each chain stays in its order.
    ///
    /// - Parameter position: the oldest act that was given of each chain; nil begins at the newest.
    init(_ chains: [some StoreAccess], _ filter: ActFilter, limit: Int, after position: AuditPosition?) throws {
        let limit = max(1, limit)
        var next = AuditPosition.start
        var rest: [(chain: Int, acts: ArraySlice<StoredAct>)] = []
        for db in chains {
            let chain = db.chain.number
            // A chain that began after the first page was given is of none of the later ones.
            let end = try position?[chain] ?? (db.hasTable("act") ? StoredAct.fetchEnd(db).sequence + 1 : 1)
            next[chain] = end
            rest.append((chain, try StoredAct.fetch(db, filter, before: end, limit: limit + 1)[...]))
        }
        acts = []
        while acts.count < limit, let place = Self.newest(rest.map(\.acts.first)) {
            let act = rest[place].acts.removeFirst()
            next[rest[place].chain] = act.number
            acts.append(try AuditAct(act))
        }
        self.next = rest.allSatisfy(\.acts.isEmpty) ? nil : next
    }

    private static func newest(_ heads: [StoredAct?]) -> Int? {
        heads.indices.filter { heads[$0] != nil }.max { (heads[$0]?.time ?? 0) < (heads[$1]?.time ?? 0) }
    }
}

extension StoredAct {
    /// The newest acts of a chain before a number, the newest first; none in a file that an older version of the program wrote.
    fileprivate static func fetch(_ db: some StoreAccess, _ filter: ActFilter, before end: Int64, limit: Int) throws
        -> [StoredAct]
    {
        guard try db.hasTable("act") else { return [] }
        var conditions = [db.chain.condition, "number < ?"]
        var arguments: SQLArguments = [end]
        if let kind = filter.kind {
            conditions.append("kind = ?")
            arguments.append(kind.rawValue)
        }
        if let actor = filter.actor {
            let (plain, withRole) = (db.dialect.matches("actor", actor), db.dialect.matches("actor", actor + " (*)"))
            conditions.append("(\(plain.0) OR \(withRole.0))")
            arguments += [plain.1, withRole.1]
        }
        if let since = filter.since {
            conditions.append("time >= ?")
            arguments.append(since.microseconds)
        }
        if let until = filter.until {
            conditions.append("time < ?")
            arguments.append(until.microseconds)
        }
        let sql = """
            SELECT * FROM act WHERE \(conditions.joined(separator: " AND ")) ORDER BY number DESC LIMIT \(limit)
            """
        return try db.rows(sql, arguments).map { StoredAct($0) }
    }
}
