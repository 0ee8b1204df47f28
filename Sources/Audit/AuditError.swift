/// Why an audit store can't be opened, written or asked.
///
/// Never carries any part of a judged text.
public enum AuditError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no file to read.
    case missingFile(path: String)
    /// The folder that the file is to be created in does not exist.
    case missingFolder(path: String, folder: String)
    /// There is a folder, or something else that is no file, where the file should be.
    case notAFile(path: String)
    /// The operating system does not let the file be opened.
    case cannotOpen(path: String, reason: String)
    /// The file is not a SQLite database.
    case notADatabase(path: String)
    /// The file is a SQLite database of something else.
    case notAnAuditFile(path: String)
    /// A newer version of this program made the file.
    case newerSchema(path: String, found: [String])
    /// An older version of this program made the file, and no newer one wrote it since, so that it can't be asked for something.
    case olderSchema(missing: String)
    /// The file or its folder can't be written.
    case notWritable(path: String)
    /// No space is left.
    case full(path: String)
    /// Another program held the file for longer than was waited.
    case busy(path: String)
    /// The database is damaged.
    case damaged(path: String)
    /// The store was closed.
    case closed(path: String)
    /// Anything else that the database reported.
    case failed(path: String, code: Int, message: String)
    /// A record with this id is there already.
    case duplicateID(String)
    /// Not an id nor the beginning of one.
    case badID(String)
    /// No record has this id.
    case unknownID(String)
    /// More than one id begins so.
    case ambiguousID(String, candidates: [String])
    /// A record can't be read back.
    case unreadableRecord(id: String)
    /// Not a time.
    case badTime(String)
    /// A condition of a filter, or another word of a question, that means nothing.
    case badValue(of: String, found: String, expected: String)
    /// A span of time that ends before it begins.
    case emptySpan(since: String, until: String)
    /// No policy has a revision that begins so.
    case unknownPolicy(revision: String)
    /// A policy of the history can't be read back.
    case unreadablePolicy(revision: String)
    /// Not a connection string of PostgreSQL.
    case badDatabase
    /// A PostgreSQL server can't be reached, or broke the connection.
    case unreachable(database: String, reason: String)
    /// A PostgreSQL server said no.
    case refused(database: String, state: String, message: String)
    /// A PostgreSQL database has no audit store.
    case noStore(database: String)
    /// An audit store in PostgreSQL is of an older version.
    case olderStore(database: String)
    /// The store doesn't say where its chain ends.
    case lostChain
    /// A file has no key that can be used.
    case unusableKey(path: String, reason: String)
    /// Neither a public key nor a file with one.
    case badPublicKey(String)
    /// Not a checkpoint's line.
    case badCheckpoint
    /// Records that should be deleted are not as they were written.
    case unsoundStretch(String)
    /// A line of the spill file can't be read back.
    case damagedSpill(path: String, line: Int)
    /// A text is encrypted with a key that nobody gave.
    case missingTextKey(id: String)
    /// Texts are to be encrypted and there is nothing to do it with.
    case noTextKey
    /// Says nobody whose texts could be erased.
    case badSubject(String)
    /// An export can't be written or gone on with, or is not as it was written.
    case unusableExport(path: String, reason: String)

    /// What was found and what to do.
    public var description: String {
        switch self {
        case .missingFile(let path):
            "no audit file at '\(path)'; check the path, or start the gateway once to create it"
        case .missingFolder(let path, let folder):
            "cannot create the audit file '\(path)': the folder '\(folder)' does not exist; create it or choose another path"
        case .notAFile(let path):
            "'\(path)' is not a file; give the path of the audit file itself, such as '\(path)/audit.sqlite'"
        case .cannotOpen(let path, let reason):
            "cannot open the audit file '\(path)': \(reason); check that this user may read and write it and its folder"
        case .notADatabase(let path):
            "'\(path)' is not a SQLite database; give the path of an audit file, or move this file away to start a new one"
        case .notAnAuditFile(let path):
            "'\(path)' is a SQLite database that the gateway did not make; nothing was changed in it; choose another path"
        case .newerSchema(let path, let found):
            "the audit file '\(path)' was written by a newer version (it has \(found.joined(separator: ", ")));"
                + " use that version, or choose another path"
        case .olderSchema(let missing):
            "the audit file was written by an older version and knows nothing of '\(missing)'; start the gateway once to bring it"
                + " up to date"
        case .notWritable(let path):
            "cannot write the audit file '\(path)'; give this user write access to the file and its folder"
        case .full(let path):
            "no space is left for the audit file '\(path)'; free some space or move the file"
        case .busy(let path):
            "another program holds the audit file '\(path)'; only one gateway may write it, so stop the other one"
        case .damaged(let path):
            "the audit file '\(path)' is damaged; restore a copy, or move it away to start a new one"
        case .closed(let path):
            "the audit file '\(path)' was closed; the gateway is stopping"
        case .failed(let path, let code, let message):
            "the audit file '\(path)' can't be used: \(message) (SQLite code \(code)); check the disk and the folder"
        case .duplicateID(let id):
            "a record with the id \(id) was kept already; each decision is recorded once"
        case .badID(let text):
            "'\(TerminalText.line(text, limit: 60))' is not a record id; expected at least 4 characters of hexadecimal and"
                + " hyphens, as 'audit list' prints them"
        case .unknownID(let id):
            "no record has an id that begins with '\(id)'; 'audit list' prints the ids"
        case .ambiguousID(let id, let candidates):
            "more than one id begins with '\(id)', such as \(candidates.joined(separator: ", ")); give more characters"
        case .unreadableRecord(let id):
            "the record \(id) can't be read back; it was changed after it was written"
        case .badTime(let text):
            "'\(TerminalText.line(text, limit: 60))' is not a time; expected an age such as 30m, 24h, 7d or 2w,"
                + " or a date such as 2026-01-31 or 2026-01-31T14:30 (UTC unless an offset follows)"
        case .badValue(let name, let found, let expected):
            "'\(TerminalText.line(found, limit: 60))' is not \(name); expected \(expected)"
        case .emptySpan(let since, let until):
            "no time is both since '\(TerminalText.line(since, limit: 60))' and until"
                + " '\(TerminalText.line(until, limit: 60))'; the first must be the earlier one"
        case .unknownPolicy(let revision):
            "no policy that was in force or tried has a revision that begins with '\(revision)'; 'policy log' prints them"
        case .unreadablePolicy(let revision):
            "the policy \(revision) can't be read back; it was changed after it was written, or a newer version wrote it"
        case .badDatabase:
            "the audit database is not named by a connection string of PostgreSQL; expected one such as"
                + " postgresql://gatehouse@db.example:5432/gatehouse?sslmode=verify-full (percent-encode what is special in it)"
        case .unreachable(let database, let reason):
            "the \(database) can't be reached: \(reason); check that the server runs, its address, and the certificate"
        case .refused(let database, let state, let message):
            "the \(database) refused: \(message) (SQLSTATE \(state)); check the rights of the role and the server's log"
        case .noStore(let database):
            "the \(database) has no audit store; check its name, or start the gateway once to make one"
        case .olderStore(let database):
            "the audit store in the \(database) was made by an older version; start the gateway of this version once"
        case .lostChain:
            "the audit store does not say where its chain of records ends; restore a copy of it"
        case .unusableKey(let path, let reason):
            "the key file '\(path)' can't be used: \(reason)"
        case .badPublicKey(let text):
            "'\(TerminalText.line(text, limit: 60))' is neither a public key (32 bytes in base64, as 'gatehouse audit key'"
                + " prints them) nor a file with one"
        case .badCheckpoint:
            "not a checkpoint; expected the whole line that 'gatehouse audit checkpoint' printed"
        case .unsoundStretch(let fault):
            "nothing more was deleted: \(fault); run 'gatehouse audit verify' and keep a copy of the file"
        case .damagedSpill(let path, let line):
            "the spill file '\(path)' is damaged at line \(line): its records can't be put into the store; repair the line, or"
                + " move the file away and keep it"
        case .missingTextKey(let id):
            "a text is encrypted with the key \(id), which is not at hand; set audit.encryption_key to a file that holds it"
        case .noTextKey:
            "there is no key to encrypt texts with; set audit.encryption_key, such as to a file that 'openssl rand -base64 32' wrote"
        case .badSubject(let text):
            "'\(TerminalText.line(text, limit: 60))' says not whose texts; expected request:ID, decision:ID, tenant:NAME,"
                + " channel:NAME, conversation:ID or client:NAME"
        case .unusableExport(let path, let reason):
            "'\(TerminalText.line(path))': \(reason)"
        }
    }
}
