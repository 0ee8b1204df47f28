import ArgumentParser
import Foundation
import GatehouseApp

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// Where the settings file is.
struct SettingsFileOption: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: "Settings file. Default: gatehouse.yaml in this folder, when there is one."
    )
    var file: String?

    /// Settings from file, environment and `flags`, strongest last.
    func settings(flags: [(SettingsKey, String?)]) throws -> Settings {
        try reportingUnusable {
            var loader = SettingsLoader()
            if let file {
                try loader.readFile(file)
            } else if FileManager.default.fileExists(atPath: "gatehouse.yaml") {
                try loader.readFile("gatehouse.yaml")
            }
            loader.readEnvironment(ProcessInfo.processInfo.environment)
            for (key, value) in flags { loader.set(key, flag: value) }
            return try loader.settings()
        }
    }
}

/// What judges: model and policies.
struct JudgeOptions: ParsableArguments {
    @Option(help: "GGUF model file. Default: Gemma 3 270M from the cache.")
    var model: String?
    @Option(help: "GGUF LoRA adapter; an empty value means none. Default: the shipped one, for the default model.")
    var adapter: String?
    @Option(help: "Prompt template: shield-1 or shieldgemma. Default: what the adapter says.")
    var template: String?
    @Option(help: "Policy file or folder. Default: policies/default.")
    var policies: String?
    @Option(name: .customLong("judge-threads"), help: "Threads that judge. Default: one for each core.")
    var threads: String?
    @Option(
        name: .customLong("judge-max-text-tokens"),
        help:
            "Longest text, in tokens, that is judged; a longer one is decided by each rule's on_error. Default: 16384."
    )
    var maxTextTokens: String?

    var flags: [(SettingsKey, String?)] {
        [
            (.model, model), (.adapter, adapter), (.template, template), (.policies, policies), (.threads, threads),
            (.maxTextTokens, maxTextTokens),
        ]
    }
}

/// Prints an error and ends with the exit code for files that can't be used (`EX_CONFIG`).
func reportingUnusable<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as ExitCode {
        throw error
    } catch {
        printError("error: \(error)")
        throw ExitCode(78)
    }
}

/// Writes a line to standard error.
func printError(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// Whether standard output is a terminal.
var isTerminal: Bool { isatty(FileHandle.standardOutput.fileDescriptor) == 1 }
