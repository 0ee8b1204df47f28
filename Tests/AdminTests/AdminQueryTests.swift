import Admin
import Audit
import Foundation
import Moderation
import NIOHTTP1
import Synchronization
import Testing

@Suite("saved queries over the admin API")
struct AdminQueryTests {
    @Test("are saved by reviewers, asked by their names and deleted by who saved them or an admin")
    func life() async throws {
        try await withAdmin { admin in
            try await admin.record(
                Fixture.record(.block, text: "a strawberry", tenant: "north"),
                Fixture.record(at: 1, .block, text: "a plum", tenant: "south")
            )
            #expect(try await admin.ask(.PUT, "/v1/queries/blocked?outcome=block", as: .reader).status == 403)
            let saved = try await admin.ask(.PUT, "/v1/queries/blocked?outcome=block&tenant=n*", as: .reviewer)
            #expect(saved.status == 201, "\(saved.text)")
            #expect(try saved.json["actor"]?.text == "the-reviewer")
            let taken = try await admin.ask(.PUT, "/v1/queries/blocked?outcome=flag")
            #expect(taken.status == 409 && taken.message.contains("the-reviewer saved"), "\(taken.text)")
            func count(_ query: String, as role: AdminRole = .reader) async throws -> Int? {
                try await admin.ask(.GET, "/v1/decisions?\(query)", as: role).json["decisions"]?.list.count
            }
            #expect(try await count("query=blocked") == 1)
            #expect(try await count("query=blocked&tenant=*") == 2)
            #expect(try await count("query=blocked&outcome=allow") == 0)
            let more = try await admin.ask(.PUT, "/v1/queries/berries?query=blocked&text=berry", as: .admin).json
            #expect(more["words"]?["tenant"] == .list([.text("n*")]), "\(more)")
            #expect(try await admin.ask(.GET, "/v1/decisions?query=berries", as: .reader).status == 403)
            #expect(try await count("query=berries", as: .reviewer) == 1)
            let list = try await admin.ask(.GET, "/v1/queries", as: .reader)
            #expect(try list.json["queries"]?.list.compactMap { $0["name"]?.text } == ["berries", "blocked"])
            #expect(!list.text.contains("berry\""))
            #expect(try await admin.ask(.GET, "/v1/queries", as: .reviewer).text.contains("berry\""))
            #expect(try await admin.ask(.DELETE, "/v1/queries/berries", as: .reviewer).status == 403)
            #expect(try await admin.ask(.DELETE, "/v1/queries/berries", as: .admin).status == 200)
            #expect(try await admin.ask(.DELETE, "/v1/queries/blocked", as: .reviewer).status == 200)
            #expect(try await admin.ask(.GET, "/v1/queries", as: .reader).json["queries"] == .list([]))
            #expect(
                try await admin.acts().map { "\($0.kind.rawValue) \($0.subject)" } == [
                    "query_saved query:blocked outcome=block tenant=n*",
                    "query_saved query:berries outcome=block tenant=n* text=…",
                    "read decisions outcome=block tenant=n* text=…",
                    "query_deleted query:berries outcome=block tenant=n* text=…",
                    "query_deleted query:blocked outcome=block tenant=n*",
                ]
            )
        }
    }
}

@Suite("weighing words over the admin API")
struct AdminWeightTests {
    @Test("tells what each word adds, and keeps who was told")
    func telling() async throws {
        try await withAdmin { admin in
            let id = try await admin.fill()
            let answer = try await admin.ask(.GET, "/v1/decisions/\(id.prefix(30))/weights", as: .reviewer)
            #expect(try answer.json["pieces"]?[0]?["text"]?.text == "strawberry", "\(answer.text)")
            #expect(answer.headers["connection"] == ["close"])
            let acts = try await admin.acts()
            #expect(acts.map(\.subject) == ["weights decision:\(id)"] && acts[0].texts == 1)
        }
    }

    @Test("says why there is nothing to weigh, or that the model has no time")
    func refusing() async throws {
        let weigh: AdminWeigher = { _, rule in
            throw rule == nil ? AdminWeighingError.impossible("no model") : .busy("a queue")
        }
        try await withAdmin(weigh: weigh) { admin in
            let id = try await admin.fill()
            let impossible = try await admin.ask(.GET, "/v1/decisions/\(id)/weights")
            #expect(impossible.status == 409 && impossible.code == "conflict" && impossible.message == "no model")
            let busy = try await admin.ask(.GET, "/v1/decisions/\(id)/weights?rule=a")
            #expect(busy.status == 503 && busy.code == "busy" && busy.headers["retry-after"] == ["5"])
            #expect(try await admin.ask(.GET, "/v1/decisions/ffff0000/weights").status == 404)
            #expect(try await admin.acts().isEmpty)
        }
    }

    @Test("is done for one decision at a time, and given up when its client goes away")
    func oneAtATime() async throws {
        let entered = Mutex(0)
        let ended = Mutex(0)
        let weigh: AdminWeigher = { _, rule in
            entered.withLock { $0 += 1 }
            defer { ended.withLock { $0 += 1 } }
            if rule == "slow" { try await Task.sleep(for: .seconds(20)) }
            return Fixture.weights(of: rule)
        }
        try await withAdmin(weigh: weigh) { admin in
            let id = try await admin.fill()
            let slow = Task { try await admin.ask(.GET, "/v1/decisions/\(id)/weights?rule=slow") }
            while entered.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(10)) }
            let second = try await admin.ask(.GET, "/v1/decisions/\(id)/weights")
            #expect(second.status == 503 && second.message.contains("one decision at a time"), "\(second.text)")
            slow.cancel()
            await #expect(throws: (any Error).self) { try await slow.value }
            var answer = second
            for _ in 0..<50 where answer.code == "busy" {
                try await Task.sleep(for: .milliseconds(100))
                answer = try await admin.ask(.GET, "/v1/decisions/\(id)/weights")
            }
            #expect(answer.status == 200 && ended.withLock { $0 } == 2, "\(answer.text)")
            #expect(try await admin.acts().count == 1)
        }
    }
}
