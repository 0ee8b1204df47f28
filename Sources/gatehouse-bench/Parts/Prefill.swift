import Foundation
import Gemma

/// How many tokens a second go through the model: one prompt, the logits of its last token.
struct Prefill {
    private let setup: Setup
    private let cases: Cases

    init(_ setup: Setup, _ cases: Cases) {
        self.setup = setup
        self.cases = cases
    }

    func measure() async throws -> Section {
        let pass = ScoringPass(engine: setup.engine, yes: cases.yes, no: cases.no)
        let peak = ProcessorPeak.integerOperationsPerSecond(threads: ProcessInfo.processInfo.activeProcessorCount)
        var section = Section(title: "prefill", columns: ["tokens/s", "min", "max"] + (peak == nil ? [] : ["of peak"]))
        for count in Cases.prefillTokens {
            let tokens = cases.prefill["\(count)"] ?? []
            let times = try await Sample.milliseconds(count: 30, seconds: 4) { try await pass.prefill(tokens) }
            let rates = times.map { Double(tokens.count) / $0 * 1000 }
            let share = peak.map { rates.median * Self.operations(setup.engine.model.configuration) / $0 }
            section.rows.append(
                ["  \(count) tokens"] + [rates.median, rates.least, rates.most].map { Section.number($0) }
                    + (share.map { [Section.percent($0)] } ?? [])
            )
            section.records.append(Record("prefill", tokens: count, rates, unit: "tokens/s"))
            if let share {
                section.records.append(Record("prefill_of_peak", tokens: count, Sample([share]), unit: "share"))
            }
        }
        if let peak {
            section.notes = [
                "peak: 8-bit multiply-adds in registers, all threads, measured just now: "
                    + "\(Section.number(peak / 1e12, decimals: 2)) · 10¹² operations a second"
            ]
            section.records.append(Record("integer_peak", tokens: 0, Sample([peak / 1e9]), unit: "10^9 operations/s"))
        }
        return section
    }

    /// Multiplications and additions of the layers' linear maps for a token; attention is not counted.
    private static func operations(_ shape: ModelConfiguration) -> Double {
        let attention = 2 * shape.hiddenSize * (shape.queryWidth + shape.keyValueWidth)
        return Double(2 * shape.layerCount * (attention + 3 * shape.hiddenSize * shape.feedForwardSize))
    }
}
