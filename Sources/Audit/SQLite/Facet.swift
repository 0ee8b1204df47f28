import GRDB
import GRDBSQLite
import Moderation

/// Says of each stretch of records which of them have a name: for each, a bit.
///
/// What some names have in common is then found among millions of records by looking at a few bits each, however many records each
/// of the names has, and also where it is nothing.
///
/// Written when a stretch is full, and right for ever, since records don't change; the records after the last full stretch are
/// read one by one. What most records have costs half a kilobyte a stretch, what few have two bytes each.
enum Facet {
    /// Of what a name is.
    enum Kind: String, CaseIterable {
        case direction
        case outcome
        case result
        case cause
        case failMode = "fail_mode"
        case tenant
        case route
        case model
        case client
        case policy = "policy_revision"
        /// Has an empty name: some field was not scanned.
        case unscanned
        /// Rules that asked for more than `allow`.
        case fired
        /// Rules that gave a score.
        case scored
        /// Rules that gave a score in a twentieth of 0...1: ``Facet/step(_:of:)``.
        case score
        /// Has an empty name: every record. A stretch without it is not full, or not looked at yet.
        case all

        /// Those that are columns of a record.
        fileprivate static let columns: [Kind] = [
            .direction, .outcome, .result, .cause, .failMode, .tenant, .route, .model, .client, .policy,
        ]
    }

    /// How many places a stretch has.
    static let stretch: Int64 = 4096

    /// In how many steps scores are told apart.
    static let steps = 20

    /// The first step that is noted: nearly every text has scores below it.
    static let firstStep = 2

    /// The step that a score, 0...1, lies in.
    static func step(of score: Double) -> Int { min(steps - 1, max(0, Int(score * Double(steps)))) }

    /// The name of a rule's scores in a step.
    static func step(_ step: Int, of rule: String) -> String { "\(step < 10 ? "0" : "")\(step) \(rule)" }

    /// Notes the stretches that became full while records came.
    ///
    /// - Parameters:
    ///   - before: place of the last record before them.
    ///   - end: place of the last of them.
    static func note(after before: Int64, to end: Int64, _ db: Database) throws {
        for stretch in (before + 1) / stretch..<(end + 1) / stretch { try note(stretch, db) }
    }

    /// Notes all stretches that are full.
    static func noteAll(_ db: Database) throws {
        guard let ends = try Row.fetchOne(db, sql: PlaceSpan.ends), let start: Int64 = ends[0], let end: Int64 = ends[1]
        else { return }
        try note(after: start / stretch * stretch - 1, to: end, db)
    }

    /// Removes what was noted of records that are no longer there.
    static func forgetPruned(_ db: Database) throws {
        let first = "(SELECT min(sequence) FROM record) / \(stretch)"
        for kind in Kind.allCases {
            // Name by name, so that the rows are found by their key.
            try eachName(kind, from: "", db) { name in
                let sql = "DELETE FROM facet WHERE kind = ? AND name = ? AND stretch < \(first)"
                try db.execute(sql: sql, arguments: [kind.rawValue, name])
                return true
            }
        }
    }

    /// Gives the names of a kind from one on, in order of their bytes, until told that it is enough; each is found by the key.
    static func eachName(_ kind: Kind, from first: String, _ db: Database, _ body: (String) throws -> Bool) throws {
        func next(_ condition: String, _ name: String) throws -> String? {
            let sql = "SELECT name FROM facet WHERE kind = ? AND name \(condition) ? ORDER BY name LIMIT 1"
            return try String.fetchOne(db.cachedStatement(sql: sql), arguments: [kind.rawValue, name])
        }
        var name = try next(">=", first)
        while let found = name, try body(found) { name = try next(">", found) }
    }

    private static func note(_ stretch: Int64, _ db: Database) throws {
        let start = stretch * Self.stretch
        let span: StatementArguments = [start, start + Self.stretch - 1]
        var columns = Kind.columns.map { _ in NamedOffsets() }
        var (unscanned, fired, scored, scores) = ([UInt16](), NamedOffsets(), NamedOffsets(), NamedOffsets())
        let records = try RawRows(
            db,
            sql: """
                SELECT r.sequence, \(Schema.unscanned), \(Kind.columns.map { "r." + $0.rawValue }.joined(separator: ", "))
                FROM record r WHERE r.sequence BETWEEN ? AND ?
                """,
            arguments: span
        )
        while try records.next() {
            let offset = UInt16(records.integer(0) - start)
            if records.integer(1) != 0 { unscanned.append(offset) }
            for index in columns.indices where !records.isNull(CInt(index + 2)) {
                columns[index].add(offset, records.pointer, CInt(index + 2))
            }
        }
        let verdicts = try RawRows(
            db,
            sql: "SELECT v.record, v.rule, v.outcome, v.score FROM verdict v WHERE v.record BETWEEN ? AND ?",
            arguments: span
        )
        while try verdicts.next() {
            let offset = UInt16(verdicts.integer(0) - start)
            if verdicts.initial(2) != UInt8(ascii: "a") { fired.add(offset, verdicts.pointer, 1) }
            guard !verdicts.isNull(3) else { continue }
            scored.add(offset, verdicts.pointer, 1)
            let step = step(of: verdicts.number(3))
            if step >= firstStep { scores.add(offset, Self.step(step, of: verdicts.text(1))) }
        }
        for (kind, names) in zip(Kind.columns, columns) { try names.save(as: kind, stretch, db) }
        try fired.save(as: .fired, stretch, db)
        try scored.save(as: .scored, stretch, db)
        try scores.save(as: .score, stretch, db)
        if !unscanned.isEmpty { try save(.unscanned, "", stretch, unscanned, db) }
        try save(.all, "", stretch, Array(0..<UInt16(Self.stretch)), db)
    }

    fileprivate static func save(_ kind: Kind, _ name: String, _ stretch: Int64, _ offsets: [UInt16], _ db: Database)
        throws
    {
        var row = try Insertion(
            db,
            sql: "INSERT OR REPLACE INTO facet (kind, name, stretch, places) VALUES (?, ?, ?, ?)"
        )
        row.bind(kind.rawValue)
        row.bind(name)
        row.bind(stretch)
        row.bind(PlaceBits.blob(offsets))
        try row.run()
    }
}

/// Which offsets in a stretch have each name.
private struct NamedOffsets {
    private var names: [String] = []
    private var table = NameTable()
    private var offsets: [[UInt16]] = []

    /// - Parameter column: of the row that the statement is at, where the name is read from.
    mutating func add(_ offset: UInt16, _ statement: OpaquePointer, _ column: CInt) {
        add(offset, at: table.index(statement, column, into: &names))
    }

    mutating func add(_ offset: UInt16, _ name: String) {
        var name = name
        add(offset, at: name.withUTF8 { table.index($0, into: &names) })
    }

    private mutating func add(_ offset: UInt16, at index: Int) {
        if index == offsets.count { offsets.append([]) }
        // A rule may stand twice in a record.
        if offsets[index].last != offset { offsets[index].append(offset) }
    }

    func save(as kind: Facet.Kind, _ stretch: Int64, _ db: Database) throws {
        for (name, offsets) in zip(names, offsets) { try Facet.save(kind, name, stretch, offsets, db) }
    }
}

/// The bits of some stretches, one for each place.
struct PlaceBits {
    private static let wordsEach = Int(Facet.stretch / 64)

    private(set) var words: [UInt64]

    init(stretches: Int) { words = Array(repeating: 0, count: stretches * Self.wordsEach) }

    /// Every place of some stretches.
    static func all(stretches: Int) -> PlaceBits {
        var bits = PlaceBits(stretches: 0)
        bits.words = Array(repeating: .max, count: stretches * wordsEach)
        return bits
    }

    /// How a stretch is kept: nothing for all of its places, two bytes for each of less than 256, else a bit for each.
    static func blob(_ offsets: [UInt16]) -> [UInt8] {
        if offsets.count == Facet.stretch { return [] }
        if offsets.count < 256 { return offsets.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } }
        var bytes = [UInt8](repeating: 0, count: Int(Facet.stretch / 8))
        for offset in offsets { bytes[Int(offset >> 3)] |= 1 << UInt8(offset & 7) }
        return bytes
    }

    /// Adds the places of a stretch.
    ///
    /// - Parameter index: which of the stretches.
    mutating func add(_ blob: UnsafeRawBufferPointer, at index: Int) {
        let start = index * Self.wordsEach
        if blob.isEmpty {
            addAll(at: index)
        } else if blob.count == Self.wordsEach * 8 {
            for word in 0..<Self.wordsEach {
                words[start + word] |= UInt64(
                    littleEndian: blob.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
                )
            }
        } else {
            for place in stride(from: 0, to: blob.count - 1, by: 2) {
                // What somebody changed stays within the stretch.
                let offset = (Int(blob[place]) | Int(blob[place + 1]) << 8) % Int(Facet.stretch)
                insert(start * 64 + offset)
            }
        }
    }

    /// Adds all places of a stretch.
    mutating func addAll(at index: Int) {
        for word in index * Self.wordsEach..<(index + 1) * Self.wordsEach { words[word] = .max }
    }

    mutating func insert(_ bit: Int) { words[bit >> 6] |= 1 << UInt64(bit & 63) }

    mutating func formIntersection(_ other: PlaceBits) {
        for word in words.indices { words[word] &= other.words[word] }
    }
}
