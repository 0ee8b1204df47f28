import ArgumentParser
import Foundation
import GatehouseApp
import Gemma
import Moderation
import Shield

/// `gatehouse-bench worker`: does what it is asked, a line of JSON at a time, beside bench/peer.py's other contestants.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Do the work that bench/peer.py asks for on standard input.",
        discussion: "The lines are described at the top of bench/worker.py."
    )

    @OptionGroup(title: "Model") var model: ModelOptions

    func run() async throws {
        let model = try await JudgeModel.load(model.settings)
        guard let template = PromptTemplate.named(model.classifier.identity.template) else {
            throw ShieldError.unknownTemplate(name: model.classifier.identity.template)
        }
        let (yes, no) = try Setup.answers(of: template, model.engine.model.tokenizer)
        let pass = ScoringPass(engine: model.engine, yes: yes, no: no)
        let about = Setup.about(model.engine.model)
        try WorkerReply(ready: true, version: about.version, build: about.build).send()
        while let line = readLine() {
            let reply: WorkerReply
            do {
                reply = try await answer(JSONDecoder().decode(WorkerRequest.self, from: Data(line.utf8)), pass)
            } catch {
                reply = WorkerReply(error: "\(error)")
            }
            try reply.send()
        }
    }

    /// Only the work itself is timed.
    private func answer(_ request: WorkerRequest, _ pass: ScoringPass) async throws -> WorkerReply {
        let start = ContinuousClock.now
        var scores: [Double]?
        switch (request.do, request.method) {
        case ("prefill", _):
            try await pass.prefill(request.ids ?? [])
        case ("score", "full"):
            scores = try await pass.full(request.text ?? [], questions: request.questions ?? [])
        case ("score", "shared"):
            scores = try await pass.shared(request.text ?? [], questions: request.questions ?? [])
        case ("memory", _):
            return WorkerReply(peakBytes: ProcessMemory.current().peak)
        default:
            return WorkerReply(error: "unknown request '\(request.do)', method '\(request.method ?? "")'")
        }
        return WorkerReply(seconds: start.duration(to: .now) / .seconds(1), scores: scores)
    }
}

/// A line that comes in.
struct WorkerRequest: Codable {
    var `do`: String
    var ids: [TokenID]?
    var method: String?
    var text: [TokenID]?
    var questions: [[TokenID]]?
}

/// A line that goes out.
struct WorkerReply: Codable {
    var ready: Bool?
    var version: String?
    var build: String?
    var seconds: Double?
    var scores: [Double]?
    var peakBytes: Int?
    var error: String?

    enum CodingKeys: String, CodingKey {
        case ready, version, build, seconds, scores, error
        case peakBytes = "peak_bytes"
    }

    func send() throws {
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(self) + Data("\n".utf8))
    }
}
