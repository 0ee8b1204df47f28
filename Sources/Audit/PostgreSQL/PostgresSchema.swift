import Foundation

/// Tables of an audit store in PostgreSQL, in a schema of their own.
///
/// Migrations are only ever added, never changed. Columns are those of an audit file, of the types that the chain hash was taken
/// of; `"C"` compares ids and names byte by byte.
enum PostgresSchema {
    /// Held while tables or partitions are made, so that several gateways may start at once (`GHAU`).
    static let lock = "pg_advisory_xact_lock(1195917653)"

    private static let migrations = [("1-records", records), ("2-rest", rest)]

    /// Brings the tables up to date.
    ///
    /// - Throws: ``AuditError/newerSchema(path:found:)``, ``PostgresFailure``.
    static func migrate(_ connection: PostgresConnection) throws {
        try connection.run("BEGIN; SELECT \(lock)")
        do {
            let schema = try connection.run("SELECT to_regnamespace('gatehouse')::text AS name").first?.rows.first
            let name: String? = schema?["name"]
            if name == nil { try connection.run("CREATE SCHEMA gatehouse") }
            try connection.run(
                "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied timestamptz NOT NULL)"
            )
            let missing = try missing(connection)
            for (name, sql) in missing {
                try connection.run("\(sql); INSERT INTO migration VALUES ('\(name)', now())")
            }
            try connection.run("COMMIT")
        } catch {
            _ = try? connection.run("ROLLBACK")
            throw error
        }
    }

    /// Checks that an audit store of this version is there.
    ///
    /// - Throws: ``AuditError``, ``PostgresFailure``.
    static func check(_ connection: PostgresConnection) throws {
        let row = try connection.run("SELECT to_regclass('gatehouse.migration')::text AS name").first?.rows.first
        let name: String? = row?["name"]
        guard name != nil else { throw AuditError.noStore(database: connection.address.description) }
        guard try missing(connection).isEmpty else {
            throw AuditError.olderStore(database: connection.address.description)
        }
    }

    private static func missing(_ connection: PostgresConnection) throws -> [(String, String)] {
        let rows = try connection.run("SELECT name FROM migration").first?.rows ?? []
        let applied = Set(rows.map { row -> String in row["name"] })
        let unknown = applied.subtracting(migrations.map(\.0))
        guard unknown.isEmpty else {
            throw AuditError.newerSchema(path: connection.address.description, found: unknown.sorted())
        }
        return migrations.filter { !applied.contains($0.0) }
    }

    /// `sequence` is a record's place in the store, by which lists are in order: each transaction takes a block of 256.
    private static let records = """
        CREATE TABLE chain (
            writer bigint PRIMARY KEY,
            store text NOT NULL,
            sequence bigint NOT NULL,
            hash text COLLATE "C" NOT NULL,
            created bigint NOT NULL,
            opened bigint NOT NULL,
            holder text NOT NULL
        );
        CREATE SEQUENCE block AS bigint MAXVALUE 36028797018963967;

        CREATE TABLE record (
            writer bigint NOT NULL,
            writer_sequence bigint NOT NULL,
            sequence bigint NOT NULL,
            id text COLLATE "C" NOT NULL,
            time bigint NOT NULL,
            direction text COLLATE "C" NOT NULL,
            request_id text COLLATE "C" NOT NULL,
            route text COLLATE "C" NOT NULL,
            dialect text COLLATE "C" NOT NULL,
            tenant text COLLATE "C" NOT NULL,
            model text COLLATE "C",
            streamed bigint NOT NULL,
            outcome text COLLATE "C" NOT NULL,
            result text COLLATE "C" NOT NULL,
            cause text COLLATE "C" NOT NULL,
            fail_mode text COLLATE "C" NOT NULL,
            ending text COLLATE "C" NOT NULL,
            status bigint,
            released_characters bigint,
            judging_ms double precision NOT NULL,
            policy text COLLATE "C" NOT NULL,
            policy_revision text COLLATE "C" NOT NULL,
            content_mode text COLLATE "C" NOT NULL,
            decision text COLLATE "C" NOT NULL,
            previous_hash text COLLATE "C" NOT NULL,
            hash text COLLATE "C" NOT NULL,
            candidate_revision text COLLATE "C",
            candidate_outcome text COLLATE "C",
            rules text COLLATE "C",
            client text COLLATE "C",
            conversation text COLLATE "C",
            PRIMARY KEY (sequence, time),
            UNIQUE (id, time)
        ) PARTITION BY RANGE (time);
        CREATE INDEX record_chain ON record (writer, writer_sequence);
        CREATE INDEX record_time ON record USING brin (time);
        CREATE INDEX record_request ON record (request_id);
        CREATE INDEX record_conversation ON record (conversation) WHERE conversation IS NOT NULL;
        CREATE INDEX record_outcome ON record (outcome, sequence) WHERE \(Schema.acted);
        CREATE INDEX record_failure ON record (result, sequence) WHERE \(Schema.failure);
        CREATE INDEX record_failed ON record (fail_mode, sequence) WHERE fail_mode <> 'none';
        CREATE INDEX record_unscanned ON record (sequence) WHERE \(SQLDialect.postgresql.unscanned);
        CREATE INDEX record_tenant ON record (tenant, sequence) WHERE \(Schema.tenanted);
        CREATE INDEX record_candidate ON record (candidate_revision, sequence) WHERE candidate_revision IS NOT NULL;

        CREATE TABLE verdict (
            time bigint NOT NULL,
            record bigint NOT NULL,
            place bigint NOT NULL,
            rule text COLLATE "C" NOT NULL,
            mode text COLLATE "C" NOT NULL,
            outcome text COLLATE "C" NOT NULL,
            score double precision,
            flag_threshold double precision,
            block_threshold double precision,
            screened_out bigint NOT NULL,
            error text COLLATE "C",
            PRIMARY KEY (record, place, time)
        ) PARTITION BY RANGE (time);
        CREATE INDEX verdict_telling ON verdict (rule, record) WHERE \(Schema.telling);

        CREATE TABLE content (
            time bigint NOT NULL,
            record bigint NOT NULL,
            place bigint NOT NULL,
            role text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            pointer text COLLATE "C" NOT NULL,
            bytes bigint NOT NULL,
            digest text COLLATE "C",
            text_digest text COLLATE "C",
            salt text COLLATE "C",
            text text COLLATE "C",
            masked text COLLATE "C" NOT NULL,
            note text COLLATE "C",
            key text COLLATE "C",
            erased bigint,
            PRIMARY KEY (record, place, time)
        ) PARTITION BY RANGE (time);
        CREATE INDEX content_digest ON content (digest) WHERE digest IS NOT NULL;
        CREATE INDEX content_encrypted ON content (record) WHERE key IS NOT NULL
        """

    /// What is not of one time: chains' checkpoints and acts, what people say, and policies.
    private static let rest = """
        CREATE TABLE checkpoint (
            writer bigint NOT NULL,
            number bigint NOT NULL,
            sequence bigint NOT NULL,
            line text NOT NULL,
            PRIMARY KEY (writer, number)
        );

        CREATE TABLE act (
            writer bigint NOT NULL,
            number bigint NOT NULL,
            time bigint NOT NULL,
            kind text NOT NULL,
            actor text NOT NULL,
            subject text NOT NULL,
            records bigint NOT NULL,
            texts bigint NOT NULL,
            first bigint NOT NULL,
            first_hash text NOT NULL,
            last bigint NOT NULL,
            last_hash text NOT NULL,
            previous_hash text NOT NULL,
            hash text NOT NULL,
            PRIMARY KEY (writer, number)
        );

        CREATE TABLE label (
            writer bigint NOT NULL,
            id bigint NOT NULL,
            record bigint NOT NULL,
            decision text COLLATE "C" NOT NULL,
            finding text COLLATE "C" NOT NULL,
            rule text COLLATE "C",
            note text,
            note_digest text,
            note_salt text,
            actor text NOT NULL,
            time bigint NOT NULL,
            erased bigint,
            previous_hash text NOT NULL,
            hash text NOT NULL,
            PRIMARY KEY (writer, id)
        );
        CREATE INDEX label_record ON label (record);

        CREATE TABLE policy_set (
            revision text COLLATE "C" PRIMARY KEY,
            name text NOT NULL,
            rules text NOT NULL,
            files text NOT NULL,
            first_seen bigint NOT NULL
        );

        CREATE TABLE sink (
            name text PRIMARY KEY,
            position text NOT NULL,
            time bigint NOT NULL
        );

        CREATE TABLE saved_query (
            name text COLLATE "C" PRIMARY KEY,
            words text NOT NULL,
            actor text NOT NULL,
            time bigint NOT NULL
        );

        CREATE TABLE policy_event (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            time bigint NOT NULL,
            kind text NOT NULL,
            revision text,
            actor text NOT NULL,
            note text
        )
        """
}
