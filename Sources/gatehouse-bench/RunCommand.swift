import ArgumentParser
import Foundation

/// `gatehouse-bench`: measures, prints tables, writes JSON.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure, print tables and write the figures as JSON."
    )

    /// A part of the benchmark.
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case coldStart = "cold-start"
        case prefill
        case judging
        case clients
        case conversation
    }

    @OptionGroup(title: "Model") var model: ModelOptions
    @Option(parsing: .upToNextOption, help: "The parts to run. Default: all.")
    var only: [Part] = []
    @Option(help: "Name of the measured variant in the JSON. Default: from the file's name.")
    var variant: String?
    @Option(help: "File for the figures.")
    var json: String?
    @Option(help: "File for the token ids that bench/peer.py gives to everybody.")
    var cases: String?

    func run() async throws {
        let setup = try await Setup(model, variant: variant)
        let machine = Machine.current(command: CommandLine.arguments)
        let cases = try Cases(setup)
        if let file = self.cases { try cases.write(to: file) }
        print(setup.summary + "\n" + machine.summary + "\n")
        var records: [Record] = []
        for part in only.isEmpty ? Part.allCases : only {
            for section in try await measure(part, setup, cases) {
                print(section.text)
                fflush(nil)
                records += section.records
            }
        }
        if let json {
            try Results(machine: machine, variant: setup.variant, about: setup.about, records: records).write(to: json)
        }
    }

    private func measure(_ part: Part, _ setup: Setup, _ cases: Cases) async throws -> [Section] {
        switch part {
        case .coldStart: [try await ColdStart(model, cases).measure()]
        case .prefill: [try await Prefill(setup, cases).measure()]
        case .judging: [try await Judging(setup).measure()]
        case .clients: [try await Clients(setup).measure(), try await MixedLengths(setup).measure()]
        case .conversation: [try await Conversations(setup).measure(), try await GrowingText(setup).measure()]
        }
    }
}
