import CPostgres
import Foundation
import GRDB

/// One connection to a PostgreSQL server.
///
/// Sendable since whoever holds it lets one thread at a time use it, behind a lock or by handing it over. Blocks, but never for longer than it is told: a server that says nothing for that long counts as lost.
final class PostgresConnection: @unchecked Sendable {
    let address: PostgresAddress
    /// How long the server may say nothing, in milliseconds; negative for ever.
    private var patience: Int32

    private let handle: OpaquePointer

    /// Connects, and sees to it that names are looked up where the store's tables are and that commits are durable.
    ///
    /// - Throws: ``PostgresFailure``.
    init(_ address: PostgresAddress, patience: Duration) throws(PostgresFailure) {
        self.address = address
        self.patience = Int32(patience / .milliseconds(1))
        let names = address.parameters.keys.sorted()
        var keywords = names.map { UnsafePointer(strdup($0)) } + [nil]
        var values = names.map { UnsafePointer(strdup(address.parameters[$0] ?? "")) } + [nil]
        defer { for text in keywords + values { free(UnsafeMutablePointer(mutating: text)) } }
        guard let handle = PQconnectdbParams(&keywords, &values, 0) else { throw .lost("no memory is left") }
        self.handle = handle
        guard PQstatus(handle) == CONNECTION_OK else {
            throw .unreachable(address.cleaned(String(cString: PQerrorMessage(handle))))
        }
        PQsetnonblocking(handle, 1)
        // libpq would print notices on standard error.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        try run(
            """
            SELECT set_config('search_path', 'gatehouse, pg_catalog', false),
                set_config('enable_partitionwise_join', 'on', false),
                CASE WHEN current_setting('synchronous_commit') = 'off'
                    THEN set_config('synchronous_commit', 'on', false) END
            """
        )
    }

    deinit { PQfinish(handle) }

    /// Runs statements without values, and gives what each of them found.
    @discardableResult
    func run(_ sql: String) throws(PostgresFailure) -> [PostgresResult] {
        guard PQsendQuery(handle, sql) == 1 else { throw lost() }
        return try results()
    }

    /// Runs a statement with values for its question marks.
    func query(_ sql: String, _ arguments: SQLArguments) throws(PostgresFailure) -> PostgresResult {
        let texts = arguments.map { Self.text($0) }
        var values: [UnsafePointer<CChar>?] = texts.map { text in text.map { UnsafePointer(strdup($0)) } ?? nil }
        defer { for value in values { free(UnsafeMutablePointer(mutating: value)) } }
        let sent = PQsendQueryParams(handle, Self.numbered(sql), Int32(values.count), nil, &values, nil, nil, 0)
        guard sent == 1 else { throw lost() }
        guard let result = try results().last else { throw .lost("the server gave no answer") }
        return result
    }

    /// Copies rows in PostgreSQL's binary form into a table.
    func copy(_ sql: String, _ bytes: [UInt8]) throws(PostgresFailure) {
        guard PQsendQuery(handle, sql) == 1 else { throw lost() }
        try flush()
        guard let begin = try nextResult() else { throw .lost("the server gave no answer") }
        guard PQresultStatus(begin.pointer) == PGRES_COPY_IN else {
            _ = try? results()
            throw failure(begin)
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(1 << 20)
            let code = part.withUnsafeBytes { part in
                PQputCopyData(handle, part.bindMemory(to: CChar.self).baseAddress, Int32(part.count))
            }
            if code < 0 { throw lost() }
            if code == 0 { try wait(toSend: true) } else { rest = rest.dropFirst(part.count) }
        }
        while true {
            let code = PQputCopyEnd(handle, nil)
            if code < 0 { throw lost() }
            if code > 0 { break }
            try wait(toSend: true)
        }
        _ = try results()
    }

    /// Does something that the server may take any time for; that it is there at all shows in the connection.
    func patiently(_ body: (PostgresConnection) throws(PostgresFailure) -> Void) throws(PostgresFailure) {
        let usual = patience
        patience = -1
        defer { patience = usual }
        try body(self)
    }

    /// Whether it is there and in no transaction.
    var isUsable: Bool { PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE }

    /// The process of the server that answers.
    var serverProcess: Int32 { PQbackendPID(handle) }

    /// Whether what passes between here and the server is encrypted.
    var isEncrypted: Bool { PQsslInUse(handle) == 1 }
}

// MARK: - Waiting

extension PostgresConnection {
    /// What all statements that were sent found.
    private func results() throws(PostgresFailure) -> [PostgresResult] {
        try flush()
        var results: [PostgresResult] = []
        var failure: PostgresFailure?
        while let result = try nextResult() {
            switch PQresultStatus(result.pointer) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK: results.append(result)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: throw .lost("an answer of another kind came")
            default: failure = failure ?? self.failure(result)
            }
        }
        if PQstatus(handle) == CONNECTION_BAD { throw failure.map { .lost($0.words) } ?? lost() }
        if let failure { throw failure }
        return results
    }

    private func nextResult() throws(PostgresFailure) -> PostgresResult? {
        while PQisBusy(handle) == 1 {
            try wait(toSend: false)
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
        return PQgetResult(handle).map(PostgresResult.init)
    }

    private func flush() throws(PostgresFailure) {
        while true {
            let code = PQflush(handle)
            if code == 0 { return }
            if code < 0 { throw lost() }
            try wait(toSend: true)
        }
    }

    private func wait(toSend: Bool) throws(PostgresFailure) {
        var place = pollfd(fd: PQsocket(handle), events: Int16(POLLIN | (toSend ? POLLOUT : 0)), revents: 0)
        let code = poll(&place, 1, patience)
        if code < 0 && errno == EINTR { return }
        guard code > 0 else { throw .lost("the server said nothing for \(patience / 1000) s") }
        if toSend, place.revents & Int16(POLLIN) != 0, PQconsumeInput(handle) != 1 { throw lost() }
    }

    private func lost() -> PostgresFailure { .lost(address.cleaned(String(cString: PQerrorMessage(handle)))) }

    private func failure(_ result: PostgresResult) -> PostgresFailure {
        let state = result.field("C") ?? ""
        // What the server says of data may quote them; the classes of other errors speak of tables and roles.
        let isOfData = state.hasPrefix("22") || state.hasPrefix("23")
        let message = isOfData ? "the server refused a value" : address.cleaned(result.field("M") ?? "no message")
        // Class 57P: the server is going down, or was asked to end this connection; 08: the connection broke.
        if state.hasPrefix("57P") || state.hasPrefix("08") { return .lost(message) }
        return .refused(state: state, message: message)
    }
}

// MARK: - Values

extension PostgresConnection {
    /// `?` as PostgreSQL numbers them.
    private static func numbered(_ sql: String) -> String {
        var number = 0
        return sql.split(separator: "?", omittingEmptySubsequences: false).reduce(into: "") { text, part in
            if number > 0 { text += "$\(number)" }
            text += part
            number += 1
        }
    }

    private static func text(_ value: (any DatabaseValueConvertible)?) -> String? {
        switch value?.databaseValue.storage {
        case .int64(let integer): "\(integer)"
        case .double(let number): "\(number)"
        case .string(let text): text
        case .blob, .null, nil: nil
        }
    }
}

/// What a statement found; freed with it.
final class PostgresResult {
    fileprivate let pointer: OpaquePointer
    private let columns: [String: Int32]

    fileprivate init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        // The columns of a COPY have no names.
        let names = (0..<PQnfields(pointer)).compactMap { place in
            PQfname(pointer, place).map { (String(cString: $0), place) }
        }
        columns = Dictionary(names) { first, _ in first }
    }

    deinit { PQclear(pointer) }

    /// How many rows it found.
    var count: Int32 { PQntuples(pointer) }

    var rows: [PostgresRow] { (0..<count).map { PostgresRow(result: self, place: $0) } }

    /// Rows that a statement changed.
    var changes: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    /// A value as the server wrote it, for as long as the result lasts; nil for NULL.
    func bytes(_ row: Int32, _ column: Int32) -> UnsafeBufferPointer<UInt8>? {
        guard PQgetisnull(pointer, row, column) == 0, let value = PQgetvalue(pointer, row, column) else { return nil }
        let bytes = UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self)
        return UnsafeBufferPointer(start: bytes, count: Int(PQgetlength(pointer, row, column)))
    }

    fileprivate func text(_ row: Int32, _ column: String) -> String? {
        guard let column = columns[column], let bytes = bytes(row, column) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate func field(_ code: Unicode.Scalar) -> String? {
        PQresultErrorField(pointer, Int32(code.value)).map { String(cString: $0) }
    }
}

/// One row of an answer.
package struct PostgresRow: ColumnReading {
    fileprivate let result: PostgresResult
    fileprivate let place: Int32

    package func value<Value: ColumnValue>(_ column: String) -> Value {
        guard let value: Value = optional(column) else { preconditionFailure("no value of \(Value.self) in \(column)") }
        return value
    }

    package func optional<Value: ColumnValue>(_ column: String) -> Value? {
        result.text(place, column).flatMap(Value.init(column:))
    }
}
