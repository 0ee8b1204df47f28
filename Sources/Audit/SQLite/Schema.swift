import GRDB

/// Tables of an audit file.
///
/// Migrations are only ever added, never changed.
///
/// STRICT tables, so that a value is of the type that the chain hash was taken of.
enum Schema {
    /// `GHAU`; marks the file as an audit file (SQLite's `application_id`).
    static let applicationID = 0x4748_4155

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1-records") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: records)
        }
        migrator.registerMigration("2-policies") { db in try db.execute(sql: policies) }
        migrator.registerMigration("3-fewer-indexes") { db in try db.execute(sql: fewerIndexes) }
        migrator.registerMigration("4-checkpoints") { db in try db.execute(sql: checkpoints) }
        migrator.registerMigration("5-labels") { db in try db.execute(sql: labels) }
        migrator.registerMigration("6-salts") { db in
            try db.execute(sql: "ALTER TABLE content ADD COLUMN salt TEXT")
        }
        migrator.registerMigration("7-acts") { db in try db.execute(sql: acts) }
        migrator.registerMigration("8-questions") { db in try db.execute(sql: questions) }
        migrator.registerMigration("9-ways") { db in try db.execute(sql: ways) }
        migrator.registerMigration("10-clients") { db in try db.execute(sql: clients) }
        migrator.registerMigration("11-encryption") { db in
            try db.execute(sql: "ALTER TABLE content ADD COLUMN key TEXT")
        }
        migrator.registerMigration("11-labels", migrate: StoredLabel.chain)
        migrator.registerMigration("12-rules") { db in try db.execute(sql: rules) }
        migrator.registerMigration("13-sinks") { db in try db.execute(sql: sinks) }
        migrator.registerMigration("13-names") { db in try db.execute(sql: names) }
        // It touches no row that another refers to, and to look at all of them takes longer than the rest.
        migrator.registerMigration("14-facets", foreignKeyChecks: .immediate) { db in
            try db.execute(sql: facets)
            try Facet.noteAll(db)
        }
        return migrator
    }

    /// `chain` has one row: where the chain ends, which also tells when the newest records are gone.
    ///
    /// A text search reads the rows that the other conditions leave, newest first, with LIKE: a full-text index would
    /// be a second copy of what people wrote, to be masked, encrypted and erased like the first, and its words would
    /// miss parts of words and languages without blanks.
    private static let records = """
        CREATE TABLE chain (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            sequence INTEGER NOT NULL,
            hash TEXT NOT NULL,
            created INTEGER NOT NULL,
            opened INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE record (
            sequence INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            time INTEGER NOT NULL,
            direction TEXT NOT NULL,
            request_id TEXT NOT NULL,
            route TEXT NOT NULL,
            dialect TEXT NOT NULL,
            tenant TEXT NOT NULL,
            model TEXT,
            streamed INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            result TEXT NOT NULL,
            cause TEXT NOT NULL,
            fail_mode TEXT NOT NULL,
            ending TEXT NOT NULL,
            status INTEGER,
            released_characters INTEGER,
            judging_ms REAL NOT NULL,
            policy TEXT NOT NULL,
            policy_revision TEXT NOT NULL,
            content_mode TEXT NOT NULL,
            decision TEXT NOT NULL,
            previous_hash TEXT NOT NULL,
            hash TEXT NOT NULL
        ) STRICT;
        CREATE INDEX record_time ON record (time, sequence);
        CREATE INDEX record_result ON record (result, time, sequence);
        CREATE INDEX record_request ON record (request_id);

        CREATE TABLE verdict (
            record INTEGER NOT NULL REFERENCES record (sequence) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            rule TEXT NOT NULL,
            mode TEXT NOT NULL,
            outcome TEXT NOT NULL,
            score REAL,
            flag_threshold REAL,
            block_threshold REAL,
            screened_out INTEGER NOT NULL,
            error TEXT,
            PRIMARY KEY (record, place)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX verdict_fired ON verdict (rule, record) WHERE outcome <> 'allow';

        CREATE TABLE content (
            record INTEGER NOT NULL REFERENCES record (sequence) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            role TEXT NOT NULL,
            kind TEXT NOT NULL,
            pointer TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            digest TEXT,
            text_digest TEXT,
            text TEXT,
            masked TEXT NOT NULL,
            note TEXT,
            PRIMARY KEY (record, place)
        ) STRICT;
        CREATE INDEX content_digest ON content (digest);
        """

    /// Which policies were in force, and what a policy that was tried beside them would have done.
    private static let policies = """
        CREATE TABLE policy_set (
            revision TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            rules TEXT NOT NULL,
            files TEXT NOT NULL,
            first_seen INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE policy_event (
            id INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            revision TEXT,
            actor TEXT NOT NULL,
            note TEXT
        ) STRICT;

        ALTER TABLE record ADD COLUMN candidate_revision TEXT;
        ALTER TABLE record ADD COLUMN candidate_outcome TEXT;
        CREATE INDEX record_candidate ON record (candidate_revision, time, sequence)
            WHERE candidate_revision IS NOT NULL;
        """

    /// An ordinary record costs as few writes as there are questions about it: indexes hold only the records that stand out,
    /// and a text lies in one tree.
    private static let fewerIndexes = """
        DROP INDEX record_result;
        CREATE INDEX record_notable ON record (time) WHERE \(notable);

        CREATE TABLE content_2 (
            record INTEGER NOT NULL REFERENCES record (sequence) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            role TEXT NOT NULL,
            kind TEXT NOT NULL,
            pointer TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            digest TEXT,
            text_digest TEXT,
            text TEXT,
            masked TEXT NOT NULL,
            note TEXT,
            PRIMARY KEY (record, place)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO content_2
            SELECT record, place, role, kind, pointer, bytes, digest, text_digest, text, masked, note FROM content;
        DROP TABLE content;
        ALTER TABLE content_2 RENAME TO content;
        CREATE INDEX content_digest ON content (digest) WHERE digest IS NOT NULL;
        """

    /// What was signed of the chain, and for which store.
    private static let checkpoints = """
        CREATE TABLE checkpoint (
            number INTEGER PRIMARY KEY,
            sequence INTEGER NOT NULL,
            line TEXT NOT NULL
        ) STRICT;

        ALTER TABLE chain ADD COLUMN store TEXT;
        """

    /// What people did to the store, and which texts they erased.
    private static let acts = """
        CREATE TABLE act (
            number INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            actor TEXT NOT NULL,
            subject TEXT NOT NULL,
            records INTEGER NOT NULL,
            texts INTEGER NOT NULL,
            first INTEGER NOT NULL,
            first_hash TEXT NOT NULL,
            last INTEGER NOT NULL,
            last_hash TEXT NOT NULL,
            previous_hash TEXT NOT NULL,
            hash TEXT NOT NULL
        ) STRICT;

        ALTER TABLE content ADD COLUMN erased INTEGER;
        """

    /// Counting a day's records reads one index of times instead of the records, and the verdicts that stand out instead of all.
    private static let questions = """
        DROP INDEX record_time;
        CREATE INDEX record_time ON record (
            time, outcome, result, cause, fail_mode, tenant, route, model, direction, judging_ms
        );
        DROP INDEX verdict_fired;
        CREATE INDEX verdict_telling ON verdict (rule, record, mode, outcome, score, error) WHERE \(telling);
        """

    /// A list of few records among many finds them by an index.
    ///
    /// All but that of tenants hold only the records that stand out.
    ///
    /// Records are in order of time but for what the clock was set back, and what overtook another on its way; `behind` is the
    /// most that a record was ever earlier than one before it, in microseconds, so that a span of time is a span of places.
    private static let ways = """
        DROP INDEX record_notable;
        CREATE INDEX record_outcome ON record (outcome) WHERE \(acted);
        CREATE INDEX record_failure ON record (result) WHERE \(failure);
        CREATE INDEX record_failed ON record (fail_mode) WHERE fail_mode <> 'none';
        CREATE INDEX record_unscanned ON record (sequence) WHERE \(unscanned);
        CREATE INDEX record_tenant ON record (tenant);

        CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), behind INTEGER NOT NULL) STRICT;
        INSERT INTO clock SELECT 1, coalesce(max(latest - time), 0)
            FROM (SELECT time, max(time) OVER (ORDER BY sequence) AS latest FROM record);
        CREATE TRIGGER record_clock AFTER INSERT ON record
            WHEN NEW.time < (SELECT max(time) FROM record) - (SELECT behind FROM clock)
            BEGIN
                UPDATE clock SET behind = (SELECT max(time) FROM record) - NEW.time;
            END;
        """

    /// Which client asked, and in which conversation; records that say neither cost nothing more.
    private static let clients = """
        ALTER TABLE record ADD COLUMN client TEXT;
        ALTER TABLE record ADD COLUMN conversation TEXT;
        CREATE INDEX record_conversation ON record (conversation) WHERE conversation IS NOT NULL;
        DROP INDEX record_time;
        CREATE INDEX record_time ON record (
            time, outcome, result, cause, fail_mode, tenant, route, model, direction, judging_ms, client
        );
        """

    /// An ordinary record costs as few writes as there are questions about it: rules that said nothing are names in one column,
    /// tenants have an index where there are several, and the writer, not a trigger, looks after `clock`.
    private static let rules = """
        ALTER TABLE record ADD COLUMN rules TEXT;
        DROP TRIGGER record_clock;
        DROP INDEX record_tenant;
        CREATE INDEX record_tenant ON record (tenant) WHERE \(tenanted);
        """

    /// What holds of a record of a tenant that has a name.
    static let tenanted = "tenant <> 'default'"

    /// What holds of a record that was not allowed as it came; a query that says so in these words finds the index, here and
    /// in what follows.
    static let acted = "outcome <> 'allow'"

    /// What holds of a record whose exchange was not carried out as decided.
    static let failure = "result NOT IN ('allow', 'flag', 'redact', 'block')"

    /// What holds of a record in which some field was not scanned.
    ///
    /// Nothing that somebody wrote can look like it: a quotation mark inside a JSON string has a backslash before it.
    static let unscanned = "instr(decision, '\"state\":\"skipped\"') > 0"

    /// What holds of a verdict that stands out; a query that says so in these words, or in one of them, finds the index.
    ///
    /// Most scores of harmless texts are below the number.
    static let telling = telling(of: "")

    /// The same of a verdict by its name in a query, with a dot.
    static func telling(of verdict: String) -> String {
        let least = AuditStats.ScoreHistogram.least
        return "\(verdict)outcome <> 'allow' OR \(verdict)score >= \(least) OR \(verdict)error IS NOT NULL"
    }

    /// What holds of a record that is more than an allowed text.
    private static let notable = "outcome <> 'allow' OR result <> 'allow'"

    /// What people say of decisions; no part of their chain, since it comes later and may be said again.
    private static let labels = """
        CREATE TABLE label (
            id INTEGER PRIMARY KEY,
            record INTEGER NOT NULL REFERENCES record (sequence) ON DELETE CASCADE,
            finding TEXT NOT NULL,
            rule TEXT,
            note TEXT,
            actor TEXT NOT NULL,
            time INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX label_record ON label (record);
        """

    /// How far each of those who carry records elsewhere has come, and questions that people ask again.
    private static let sinks = """
        CREATE TABLE sink (
            name TEXT PRIMARY KEY,
            position TEXT NOT NULL,
            time INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE saved_query (
            name TEXT PRIMARY KEY,
            words TEXT NOT NULL,
            actor TEXT NOT NULL,
            time INTEGER NOT NULL
        ) STRICT;
        """

    /// In which stretches of 256 records a name occurred; gone since `14-facets`.
    private static let names = """
        CREATE TABLE name_place (
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            stretch INTEGER NOT NULL,
            PRIMARY KEY (kind, name, stretch)
        ) STRICT, WITHOUT ROWID;
        """

    /// Which records of a stretch have a name, in place of an index for each question: ``Facet``.
    private static let facets = """
        DROP TABLE name_place;
        DROP INDEX record_outcome;
        DROP INDEX record_failure;
        DROP INDEX record_failed;
        DROP INDEX record_unscanned;
        DROP INDEX record_tenant;
        CREATE TABLE facet (
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            stretch INTEGER NOT NULL,
            places BLOB NOT NULL,
            PRIMARY KEY (kind, name, stretch)
        ) STRICT, WITHOUT ROWID;
        """
}
