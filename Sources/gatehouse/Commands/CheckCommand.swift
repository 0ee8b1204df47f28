import ArgumentParser
import Foundation
import GatehouseApp

/// `gatehouse check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Judge one text by hand.",
        discussion: "Ends with exit code 1 when the text is blocked, 0 otherwise."
    )

    @Argument(help: "The user's text. Without it and without --prompt, standard input is read.")
    var text: String?
    @Option(help: "The user's turn; with --response, what the response answers.")
    var prompt: String?
    @Option(help: "The chatbot's answer to judge.")
    var response: String?
    @Flag(help: "Ask every rule, whatever the screening question says.")
    var all = false
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup(title: "Judging") var judge: JudgeOptions
    @OptionGroup(title: "Settings") var file: SettingsFileOption

    func validate() throws {
        if text != nil, prompt != nil {
            throw ValidationError("the text was given twice; use either the argument or --prompt")
        }
    }

    func run() async throws {
        let settings = try file.settings(flags: judge.flags)
        let check: Check
        do {
            check = try await Check(settings: settings, asksEveryRule: all)
        } catch {
            return try reportingUnusable { throw error }
        }
        let report = try await check.run(prompt: prompt ?? text ?? standardInput(), response: response)
        print(format == .json ? try report.json() : report.text(), terminator: "")
        if report.isBlocked { throw ExitCode(1) }
    }

    /// What is piped in; nothing is read when only a response is judged.
    private func standardInput() throws -> String {
        guard response == nil else { return "" }
        let data = FileHandle.standardInput.readDataToEndOfFile()
        guard let text = String(data: data, encoding: .utf8) else {
            throw ValidationError("standard input is not UTF-8 text")
        }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
