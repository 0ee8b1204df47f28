import Foundation
import FoundationNetworking
import Synchronization
import Testing

/// What is left of a gateway that is killed (SIGKILL) at random moments while clients ask.
@Suite("A gateway that is killed", .enabled(if: Checkout.hasBinary, "needs the build"), .timeLimit(.minutes(20)))
struct CrashTests {
    /// Answers that clients got, by the decision that they name.
    private final class Answers: Sendable {
        private let outcomes = Mutex<[String: String]>([:])

        var all: [String: String] { outcomes.withLock { $0 } }

        func add(_ response: URLResponse) {
            let response = response as? HTTPURLResponse
            guard let id = response?.value(forHTTPHeaderField: "x-gatehouse-decision-id"),
                let outcome = response?.value(forHTTPHeaderField: "x-gatehouse-outcome")
            else { return }
            outcomes.withLock { $0[id] = outcome }
        }
    }

    /// Asks, with eight clients at a time, until the gateway is killed, some time after the first answer.
    private func ask(_ gateway: GatehouseProcess, _ answers: Answers) async {
        let before = answers.all.count
        let session = URLSession(configuration: .ephemeral)
        defer { session.invalidateAndCancel() }
        await withTaskGroup(of: Void.self) { group in
            for client in 0..<8 {
                group.addTask {
                    var request = URLRequest(url: gateway.base.appending(path: "v1/chat/completions"))
                    request.httpMethod = "POST"
                    request.setValue("application/json", forHTTPHeaderField: "content-type")
                    let word = client.isMultiple(of: 4) ? "strawberry" : "plum"
                    request.httpBody = Data(
                        #"{"model": "any", "messages": [{"role": "user", "content": "a \#(word)"}]}"#.utf8
                    )
                    while let (_, response) = try? await session.data(for: request) { answers.add(response) }
                }
            }
            while answers.all.count == before { try? await Task.sleep(for: .milliseconds(5)) }
            try? await Task.sleep(for: .milliseconds(Int.random(in: 0...300)))
            gateway.signal(SIGKILL)
        }
        gateway.stop()
    }

    @Test("each answer that a client got has its record, and the chain holds, however often it is killed")
    func killed() async throws {
        let rounds = ProcessInfo.processInfo.environment["GATEHOUSE_CRASH_ROUNDS"].flatMap(Int.init) ?? 5
        let folder = try PolicyFolder(["shop.yaml": PolicyFolder.words("strawberry")])
        let audit = try folder.sibling("audit", [:])
        let answers = Answers()
        try await ScriptedChatbot(answers: [:]).run { base in
            for _ in 0..<rounds {
                let gateway = try await GatehouseProcess.start(
                    ["--policies", folder.path, "--upstream", base, "--audit-content", "none"],
                    audit: audit
                )
                await ask(gateway, answers)
                let verify = try await gatehouse("audit", "verify", "--audit-file", gateway.auditFile)
                #expect(verify.status == 0, "\(verify.output)\(verify.errors)")
            }
            let gateway = try await GatehouseProcess.start(["--policies", folder.path], audit: audit)
            let records = try await gateway.auditRecords(["--limit", "1000000"])
            let outcomes = Dictionary(records.map { ($0["id"] as? String ?? "", $0["outcome"] as? String) }) { $1 }
            #expect(answers.all.count >= rounds && Set(answers.all.values) == ["allow", "block"])
            let missing = answers.all.filter { outcomes[$0.key] != $0.value }
            #expect(
                missing.isEmpty,
                "\(missing.count) of \(answers.all.count) answers have no record that says the same"
            )
        }
    }
}
