import ArgumentParser
import Foundation
import GatehouseApp
import Moderation

/// `gatehouse detect`.
struct DetectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Find personal data and secrets in texts.",
        discussion: """
            What `pii` and `secrets` in a policy find; no policy and no model is read. Without a text, each line of standard \
            input is one; with --json-lines, each line is a JSON string, or an object with a string `text`.

            With --format json, each text gets one line: its findings, with their places in characters (Unicode scalars) \
            and in UTF-8 bytes, and how long the search took. Exit code 0, whether something was found or not.
            """
    )

    @Argument(help: "The text. Without it, standard input is read.")
    var text: String?
    @Option(help: "Kinds of personal data with commas between, or all, or none.")
    var pii = KindList<PIIKind>.all
    @Option(help: "Kinds of secrets with commas between, or all, or none.")
    var secrets = KindList<SecretKind>.all
    @Flag(help: "Read standard input as JSON lines.")
    var jsonLines = false
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
        do {
            let search = try TextSearch(pii: pii.kinds, secrets: secrets.kinds)
            if let text { return try write(search.search(text)) }
            var number = 0
            while let line = readLine() {
                number += 1
                try write(search.search(jsonLines ? TextSearch.text(ofJSON: line, number: number) : line))
            }
        } catch {
            printError("error: \(error)")
            throw ExitCode(1)
        }
    }

    /// Writes at once, so that a program at the other end of a pipe can wait for each answer.
    private func write(_ report: TextSearchReport) throws {
        FileHandle.standardOutput.write(Data((format == .json ? try report.json() : report.text()).utf8))
    }
}

/// Kinds that an option names.
struct KindList<Kind: RawRepresentable & CaseIterable & Sendable>: ExpressibleByArgument where Kind.RawValue == String {
    var kinds: [Kind]

    /// Every kind.
    static var all: Self { Self(kinds: Array(Kind.allCases)) }

    init(kinds: [Kind]) { self.kinds = kinds }

    init?(argument: String) {
        switch argument {
        case "all": self = .all
        case "none": kinds = []
        default:
            let names = argument.split(separator: ",", omittingEmptySubsequences: false)
            kinds = names.compactMap { Kind(rawValue: String($0)) }
            guard kinds.count == names.count else { return nil }
        }
    }

    var defaultValueDescription: String {
        kinds.count == Kind.allCases.count ? "all" : kinds.map(\.rawValue).joined(separator: ",")
    }

    static var allValueStrings: [String] { ["all", "none"] + Kind.allCases.map(\.rawValue) }
}
