import Foundation
import Synchronization
import Testing

/// Paths in the checkout.
enum Checkout {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let binary =
        ProcessInfo.processInfo.environment["GATEHOUSE_BINARY"] ?? root.appending(path: ".build/release/gatehouse").path
    static let python = root.appending(path: ".venv/bin/python").path

    static var hasBinary: Bool { FileManager.default.isExecutableFile(atPath: binary) }

    static var hasPython: Bool { FileManager.default.isExecutableFile(atPath: python) }

    static var hasModel: Bool {
        let environment = ProcessInfo.processInfo.environment
        let named = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let cache = named ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.cache"
        return FileManager.default.fileExists(atPath: cache + "/gatehouse/models/gemma-3-270m-q4_k_m.gguf")
    }
}

/// What a command did.
struct CommandResult {
    var status: Int32
    var output: String
    var errors: String
}

/// Does blocking work on a thread of its own: the cooperative pool must stay free for the servers of a test.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Swift.Result { try body() }) }.start()
    }
}

/// Runs a program to its end.
func command(
    _ path: String,
    _ arguments: [String],
    input: String = "",
    environment: [String: String] = [:]
) async throws -> CommandResult {
    try await onThread { try runCommand(path, arguments, input: input, environment: environment) }
}

private func runCommand(
    _ path: String,
    _ arguments: [String],
    input: String,
    environment: [String: String]
) throws -> CommandResult {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = Checkout.root
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors, standardInput) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = standardInput
    try process.run()
    standardInput.fileHandleForWriting.write(Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    // Read beside each other, so that neither pipe fills up.
    let errorData = Mutex(Data())
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) {
        let data = errors.fileHandleForReading.readDataToEndOfFile()
        errorData.withLock { $0 = data }
    }
    let outputData = output.fileHandleForReading.readDataToEndOfFile()
    group.wait()
    process.waitUntilExit()
    return CommandResult(
        status: process.terminationStatus,
        output: String(decoding: outputData, as: UTF8.self),
        errors: String(decoding: errorData.withLock { $0 }, as: UTF8.self)
    )
}

/// Runs `gatehouse` to its end.
func gatehouse(_ arguments: String..., input: String = "", environment: [String: String] = [:]) async throws
    -> CommandResult
{
    try await command(Checkout.binary, arguments, input: input, environment: environment)
}

/// A gateway that runs as users run it: the built binary, on a free port, with an audit file of its own.
final class GatehouseProcess: Sendable {
    let base: URL
    let auditFile: String
    let folder: String
    /// Where its admin API answers; nil where it has none.
    let admin: URL?

    private let isFolderOwn: Bool
    private let process: Process

    /// Starts it and waits until it says that it is listening.
    ///
    /// - Parameter audit: where its audit file and control socket are; a folder of its own without it.
    static func start(_ arguments: [String], audit: String? = nil) async throws -> GatehouseProcess {
        try await onThread { try GatehouseProcess(arguments, folder: audit) }
    }

    private init(_ arguments: [String], folder named: String?) throws {
        isFolderOwn = named == nil
        folder = named ?? FileManager.default.temporaryDirectory.appending(path: "gatehouse-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        auditFile = folder + "/audit.sqlite"
        process = Process()
        process.executableURL = URL(fileURLWithPath: Checkout.binary)
        process.arguments = ["serve", "--port", "0", "--audit-file", auditFile] + arguments
        process.currentDirectoryURL = Checkout.root
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        var found: URL?
        while found == nil {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the gateway ended before it was listening")
            text += String(decoding: data, as: UTF8.self)
            guard let range = text.range(of: "listening on "), text[range.upperBound...].contains("try it:") else {
                continue
            }
            found = URL(string: String(text[range.upperBound...].prefix { !$0.isWhitespace }))
        }
        base = try #require(found)
        let words = text.components(separatedBy: "\n  admin     ").dropFirst().first ?? ""
        admin = words.hasPrefix("http") ? URL(string: String(words.prefix { $0 != "," })) : nil
    }

    /// Ends it and waits for its end.
    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    deinit {
        stop()
        if isFolderOwn { try? FileManager.default.removeItem(atPath: folder) }
    }

    func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Records of the audit file, the last first, as `gatehouse audit list` prints them.
    func auditRecords(_ arguments: [String] = []) async throws -> [[String: Any]] {
        let list = ["audit", "list", "--audit-file", auditFile, "--format", "jsonl"] + arguments
        let result = try await command(Checkout.binary, list)
        #expect(result.status == 0, "\(result.errors)")
        return try result.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    /// Asks with the official OpenAI client.
    func askWithOpenAIClient(_ cases: [(message: String, stream: Bool)]) async throws -> [[String: Any]] {
        try await ask("openai_client.py", cases.map { ["message": $0.message, "stream": $0.stream] }, path: "/v1")
    }

    /// Runs one of `clients/`, which takes a base URL and, on standard input, a JSON array of cases, and prints a JSON array
    /// of what an application would see.
    func ask(_ client: String, _ cases: [[String: Any]], path: String = "") async throws -> [[String: Any]] {
        let input = try JSONSerialization.data(withJSONObject: cases)
        let result = try await command(
            Checkout.python,
            [Checkout.root.appending(path: "Tests/EndToEndTests/clients/\(client)").path, base.absoluteString + path],
            input: String(decoding: input, as: UTF8.self)
        )
        #expect(result.status == 0, "\(result.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    }
}
