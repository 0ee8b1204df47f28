import ArgumentParser
import Foundation
import GatehouseApp

/// `gatehouse eval`.
struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure the judge on labelled texts.",
        discussion: """
            Reads JSON lines, plain or gzip: id, kind (prompt, response or comment), prompt, text, labels, unsafe. \
            `screen` is the screening question's score, `max` the highest score of the principle rules.
            """
    )

    @Option(name: .customLong("data"), parsing: .upToNextOption, help: "Files of labelled texts.")
    var files: [String]
    @Option(help: "At most so many rows of each file.")
    var limit: Int?
    @Option(help: "Read only the first so many tokens of each text (a response's prompt gets a third of them).")
    var maxTokens: Int?
    @Flag(help: "Compute in 32-bit floats, to see what the integers of normal use change; several times slower.")
    var float32 = false
    @Option(help: "Also write every row's scores to this file, as JSON lines.")
    var scores: String?
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup(title: "Judging") var judge: JudgeOptions
    @OptionGroup(title: "Settings") var file: SettingsFileOption

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit \(limit): expected a number above 0") }
        if let maxTokens, maxTokens < 3 { throw ValidationError("--max-tokens \(maxTokens): expected at least 3") }
    }

    func run() async throws {
        let settings = try file.settings(flags: judge.flags)
        do {
            let run = try await EvaluationRun(settings: settings, maxTokens: maxTokens, inFloat32: float32)
            let reports = try await run.evaluate(
                files: files,
                limit: limit,
                scoresPath: scores,
                showsProgress: isatty(FileHandle.standardError.fileDescriptor) == 1
            )
            print(format == .json ? try EvaluationTable.json(reports) : EvaluationTable.text(reports), terminator: "")
        } catch {
            printError("error: \(error)")
            throw ExitCode(1)
        }
    }
}
