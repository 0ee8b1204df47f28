import Moderation

/// What a scan asks for, of what lies between two places.
enum ScanSQL {
    /// - Parameter rules: the column that says which rules were asked.
    static func records(_ dialect: SQLDialect, rules: String = "rules", hasScreenScores: Bool) -> String {
        """
        SELECT sequence, time, direction, outcome, cause, policy_revision, route, tenant, model, \(rules),
            \(hasScreenScores ? dialect.screenScore : "NULL")
        FROM record WHERE \(span(dialect))sequence BETWEEN ? AND ? ORDER BY sequence
        """
    }

    static func verdicts(_ dialect: SQLDialect) -> String {
        """
        SELECT record, rule, outcome, score, screened_out, CASE WHEN error IS NULL THEN 0 ELSE 1 END FROM verdict
        WHERE \(span(dialect))record BETWEEN ? AND ? ORDER BY record, place
        """
    }

    /// A span of time, where verdicts have one.
    private static func span(_ dialect: SQLDialect) -> String {
        dialect == .sqlite ? "" : "time >= ? AND time < ? AND "
    }
}

/// Rows that are read one after the other, by the places of their columns; what they hold lasts until the next.
protocol ScanRows {
    /// Goes to the next row; false at the end.
    mutating func next() throws -> Bool

    /// - Returns: nil for NULL.
    func text(_ column: Int32) -> UnsafeBufferPointer<UInt8>?

    /// - Precondition: the column is not NULL.
    func integer(_ column: Int32) -> Int64

    /// - Returns: nil for NULL.
    func number(_ column: Int32) -> Double?
}

/// Two tables read side by side: each record with its verdicts.
struct RecordedReading<Rows: ScanRows> {
    private(set) var names = RecordedNames()

    private var records: Rows
    private var verdicts: Rows
    private var rules = NameTable()
    private var revisions = NameTable()
    private var scopes: [ScopeKey: Int] = [:]
    private var routes = NameTable()
    private var tenants = NameTable()
    private var models = NameTable()
    private var hasVerdict: Bool

    private struct ScopeKey: Hashable {
        var route: Int
        var tenant: Int
        var model: Int
    }

    /// - Parameters:
    ///   - records: of ``ScanSQL/records(_:rules:hasScreenScores:)``.
    ///   - verdicts: of ``ScanSQL/verdicts(_:)``.
    init(records: Rows, verdicts: Rows) throws {
        self.records = records
        self.verdicts = verdicts
        hasVerdict = try self.verdicts.next()
    }

    /// The next decision and its time, in microseconds since 1970; nil at the end.
    mutating func next() throws -> (RecordedDecision, Int64)? {
        guard try records.next() else { return nil }
        let sequence = records.integer(0)
        guard let direction = Self.direction(records.text(2)),
            let outcome = Self.outcome(records.text(3)),
            let cause = Self.cause(records.text(4))
        else { throw AuditError.unreadableRecord(id: "at place \(sequence)") }
        let revision = revisions.index(records.text(5), into: &names.revisions)
        var decision = RecordedDecision(
            sequence: sequence,
            direction: direction,
            scope: scope(),
            revision: revision,
            outcome: outcome,
            cause: cause,
            screenScore: records.number(10),
            verdicts: []
        )
        decision.verdicts.reserveCapacity(16)
        if let asked = records.text(9) {
            try AskedRules.each(of: asked) { mark, rule in
                if mark == .kept, let verdict = try nextVerdict(of: sequence) {
                    decision.verdicts.append(verdict)
                } else {
                    let rule = rules.index(rule, into: &names.rules)
                    decision.verdicts.append(
                        RecordedVerdict(rule: rule, outcome: .allow, isScreenedOut: mark == .screenedOut)
                    )
                }
            }
        }
        while let verdict = try nextVerdict(of: sequence) { decision.verdicts.append(verdict) }
        return (decision, records.integer(1))
    }

    /// The next verdict that has a row; nil when the record has no more of them.
    private mutating func nextVerdict(of sequence: Int64) throws -> RecordedVerdict? {
        guard hasVerdict, verdicts.integer(0) <= sequence else { return nil }
        guard let outcome = Self.outcome(verdicts.text(2)) else {
            throw AuditError.unreadableRecord(id: "at place \(sequence)")
        }
        let verdict = RecordedVerdict(
            rule: rules.index(verdicts.text(1), into: &names.rules),
            outcome: outcome,
            score: verdicts.number(3),
            isScreenedOut: verdicts.integer(4) != 0,
            isFailed: verdicts.integer(5) != 0
        )
        hasVerdict = try verdicts.next()
        return verdict
    }

    private mutating func scope() -> Int {
        var unused: [String] = []
        let key = ScopeKey(
            route: routes.index(records.text(6), into: &unused),
            tenant: tenants.index(records.text(7), into: &unused),
            model: models.index(records.text(8), into: &unused)
        )
        if let known = scopes[key] { return known }
        func text(_ column: Int32) -> String { records.text(column).map { String(decoding: $0, as: UTF8.self) } ?? "" }
        scopes[key] = names.scopes.count
        names.scopes.append(Scope(route: text(6), tenant: text(7), model: text(8)))
        return names.scopes.count - 1
    }

    // Each of these words begins with a letter of its own.

    private static func outcome(_ text: UnsafeBufferPointer<UInt8>?) -> Outcome? {
        switch text?.first {
        case UInt8(ascii: "a"): .allow
        case UInt8(ascii: "f"): .flag
        case UInt8(ascii: "r"): .redact
        case UInt8(ascii: "b"): .block
        default: nil
        }
    }

    private static func direction(_ text: UnsafeBufferPointer<UInt8>?) -> Direction? {
        switch text?.first {
        case UInt8(ascii: "p"): .prompt
        case UInt8(ascii: "r"): .response
        default: nil
        }
    }

    private static func cause(_ text: UnsafeBufferPointer<UInt8>?) -> Cause? {
        switch text?.first {
        case UInt8(ascii: "n"): Cause.none
        case UInt8(ascii: "c"): .content
        case UInt8(ascii: "g"): .guardUnavailable
        case UInt8(ascii: "o"): .overloaded
        case UInt8(ascii: "u"): .unscanned
        default: nil
        }
    }
}
