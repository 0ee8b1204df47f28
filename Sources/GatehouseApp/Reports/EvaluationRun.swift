import Foundation
import Gemma
import Moderation
public import Tuning

/// Measures the judge on files of labelled texts, for `gatehouse eval`.
public struct EvaluationRun: Sendable {
    private let evaluator: Evaluator

    /// Loads policies and model.
    ///
    /// - Parameters:
    ///   - maxTokens: read only the first so many tokens of each text; nil reads all.
    ///   - inFloat32: whether the model computes in 32-bit floats rather than in integers.
    public init(settings: Settings, maxTokens: Int?, inFloat32: Bool = false) async throws {
        let policy = try Judge.policy(settings)
        let model = try await JudgeModel.load(
            settings,
            truncatedTokens: maxTokens,
            precision: inFloat32 ? .float32 : .integer
        )
        evaluator = Evaluator(classifier: model.classifier, policy: policy)
    }

    /// Judges every row of each file.
    ///
    /// - Parameters:
    ///   - limit: at most so many rows of a file.
    ///   - scoresPath: where each row's scores go, as JSON lines.
    ///   - showsProgress: whether a progress bar is drawn on standard error.
    public func evaluate(
        files: [String],
        limit: Int?,
        scoresPath: String?,
        showsProgress: Bool
    ) async throws -> [Evaluation] {
        var output: FileHandle?
        if let scoresPath {
            try Data().write(to: URL(fileURLWithPath: scoresPath))
            output = try FileHandle(forWritingTo: URL(fileURLWithPath: scoresPath))
        }
        defer { try? output?.close() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var evaluations: [Evaluation] = []
        for file in files {
            let rows = try DataFile.rows(path: file, limit: limit)
            let bar = ProgressBar(title: URL(fileURLWithPath: file).lastPathComponent, total: rows.count)
            let evaluation = try await evaluator.evaluate(rows, file: file) { done, scores in
                if showsProgress { bar.draw(done) }
                if let output, let line = try? encoder.encode(scores) { output.write(line + Data("\n".utf8)) }
            }
            if showsProgress { bar.clear() }
            evaluations.append(evaluation)
        }
        return evaluations
    }
}

/// A line on standard error that shows how far a long run is.
struct ProgressBar {
    let title: String
    let total: Int

    func draw(_ done: Int) {
        guard total > 0 else { return }
        let filled = 30 * done / total
        let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: 30 - filled)
        FileHandle.standardError.write(Data("\r\(title) \(bar) \(done)/\(total)".utf8))
    }

    func clear() {
        FileHandle.standardError.write(Data("\r\u{1B}[2K".utf8))
    }
}
