/// Rows in the binary form that PostgreSQL's COPY reads: no text has to be escaped, and numbers stay as they are.
///
/// Source: PostgreSQL's documentation of COPY, "Binary Format".
struct CopyRows: ColumnBinding {
    /// All rows so far, with the end.
    var bytes: [UInt8] { written + [0xFF, 0xFF] }

    /// How many rows.
    private(set) var count = 0

    private var written =
        Array("PGCOPY\n\u{FF}\r\n\0".unicodeScalars.map { UInt8($0.value) }) + Array(repeating: 0, count: 8)
    /// Where the number of values of the row stands.
    private var start = 0

    /// Adds a row.
    mutating func add(_ body: (inout CopyRows) -> Void) {
        count += 1
        start = written.count
        written += [0, 0]
        body(&self)
    }

    mutating func bind(_ text: String?) {
        guard var text else { return skip() }
        append(UInt32(text.utf8.count))
        text.withUTF8 { written += $0 }
        step()
    }

    mutating func bind(_ integer: Int64?) { bind(bits: integer.map { UInt64(bitPattern: $0) }) }

    mutating func bind(_ number: Double?) { bind(bits: number?.bitPattern) }

    private mutating func bind(bits: UInt64?) {
        guard let bits else { return skip() }
        append(UInt32(8))
        append(bits)
        step()
    }

    private mutating func skip() {
        append(UInt32.max)
        step()
    }

    /// Counts a value of the row.
    private mutating func step() {
        written[start + 1] += 1
    }

    private mutating func append(_ word: some FixedWidthInteger) {
        withUnsafeBytes(of: word.bigEndian) { written += $0 }
    }
}

extension StoredRecord {
    /// The record as PostgreSQL can keep it: its texts have no place for the character U+0000.
    var withoutNull: StoredRecord {
        var record = self
        record.requestID = requestID.withoutNull
        record.route = route.withoutNull
        record.tenant = tenant.withoutNull
        record.model = model?.withoutNull
        record.client = client?.withoutNull
        record.conversation = conversation?.withoutNull
        record.verdicts = verdicts.map { verdict in
            var verdict = verdict
            verdict.error = verdict.error?.withoutNull
            return verdict
        }
        record.content = content.map { part in
            var part = part
            part.pointer = part.pointer.withoutNull
            if let text = part.text, text.utf8.contains(0) {
                part.text = text.withoutNull
                part.textDigest = StoredContent.digest(text.withoutNull, salt: part.salt)
            }
            return part
        }
        return record
    }
}

extension String {
    /// With U+2400, its picture, for U+0000.
    fileprivate var withoutNull: String { utf8.contains(0) ? replacing("\0", with: "\u{2400}") : self }
}
