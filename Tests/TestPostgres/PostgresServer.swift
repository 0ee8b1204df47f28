import Foundation
import Synchronization

/// A PostgreSQL server of the tests' own: one for all of them, in a folder that goes with it.
///
/// It needs Debian's `postgresql`; a test fails where that is missing.
package final class PostgresServer: Sendable {
    /// That of most tests; stopped when the process ends.
    package static let shared = Result { try PostgresServer() }

    package let folder: String
    package let port: Int
    private let number = Mutex(0)

    private static let programs: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newest = versions.max { (Int($0) ?? 0) < (Int($1) ?? 0) }
        return newest.map { "/usr/lib/postgresql/\($0)/bin" }
    }()

    /// Makes a server and starts it.
    ///
    /// - Parameter settings: lines for its `postgresql.conf`.
    package init(settings: [String] = []) throws {
        folder = "/tmp/gatehouse-postgres-\(UUID().uuidString.prefix(8))"
        port = Int.random(in: 20_000..<30_000)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.password.write(toFile: folder + "/password", atomically: true, encoding: .utf8)
        if getuid() == 0 { try Self.run(["chown", "postgres", folder]) }
        try Self.run(
            Self.asServer + [
                "\(Self.program("initdb"))", "-D", data, "-A", "scram-sha-256", "-U", "owner",
                "--pwfile=\(folder)/password",
            ]
                + ["-E", "UTF8", "--locale=C", "--no-sync"]
        )
        let lines = [
            "listen_addresses = '127.0.0.1'", "port = \(port)", "unix_socket_directories = '\(folder)'", "fsync = off",
            "max_connections = 200", "log_min_messages = fatal",
        ]
        try (lines + settings).map { $0 + "\n" }.joined().write(
            toFile: folder + "/extra.conf",
            atomically: true,
            encoding: .utf8
        )
        try Self.run(
            Self.asServer + ["sh", "-c", "echo \"include '\(folder)/extra.conf'\" >> \(data)/postgresql.conf"]
        )
        try start()
        Self.started.withLock { $0.append(folder) }
        atexit {
            for folder in PostgresServer.started.withLock({ $0 }) { PostgresServer.remove(folder) }
        }
    }

    private static let started = Mutex<[String]>([])

    /// The password of its only role.
    package static let password = "s3cret/w0rd"

    package var data: String { folder + "/data" }

    /// The number of the server's first process.
    package var process: Int32 {
        get throws {
            let text = try String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8)
            return Int32(text.split(separator: "\n")[0]) ?? 0
        }
    }

    package func start() throws {
        let command = Self.asServer + [Self.program("pg_ctl"), "-D", data, "-w", "-s", "-l", folder + "/log", "start"]
        // Processes of a server that was killed hold its memory for a moment longer.
        for _ in 0..<100 {
            if (try? Self.run(command)) != nil { return }
            Thread.sleep(forTimeInterval: 0.2)
        }
        try Self.run(command)
    }

    /// Ends it at once, without a word to its clients.
    package func stop() throws {
        try Self.run(Self.asServer + ["\(Self.program("pg_ctl"))", "-D", data, "-m", "immediate", "-w", "-s", "stop"])
    }

    package static func remove(_ folder: String) {
        _ = try? run(asServer + ["\(program("pg_ctl"))", "-D", folder + "/data", "-m", "immediate", "-s", "stop"])
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Makes a database of its own for a test, empty, and gives its name.
    package func createDatabase() throws -> String {
        let name = "test_\(number.withLock { number in number += 1; return number })"
        try sql("CREATE DATABASE \(name) STRATEGY wal_log", database: "postgres")
        return name
    }

    /// How to reach a database.
    package func url(_ database: String) -> String {
        let password = Self.password.replacingOccurrences(of: "/", with: "%2F")
        return "postgresql://owner:\(password)@127.0.0.1:\(port)/\(database)"
    }

    /// Runs statements as another program would, and gives what they print.
    @discardableResult
    package func sql(_ text: String, database: String) throws -> String {
        try Self.psql(url(database), text)
    }

    /// The same of a database by its address.
    @discardableResult
    package static func psql(_ url: String, _ text: String) throws -> String {
        try run([program("psql"), "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text])
    }

    // MARK: - Programs

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// The server refuses to run as root.
    private static let asServer =
        getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []

    private static func program(_ name: String) -> String { (programs ?? "/usr/bin") + "/" + name }

    /// Runs a program and gives what it printed.
    ///
    /// Not by Foundation's `Process`, which takes a program for running while a server that it started is.
    @discardableResult
    package static func run(_ words: [String]) throws -> String {
        let path = "/tmp/gatehouse-output-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, words[0], &actions, nil, &arguments, environ)
        guard code == 0 else {
            throw Failure(description: "\(words[0]) can't be run: \(String(cString: strerror(code)))")
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard status == 0 else { throw Failure(description: "\(words.prefix(6)): \(text)") }
        return text
    }
}
