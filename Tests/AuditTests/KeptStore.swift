import Audit
import Foundation
import Moderation

/// A store that somebody looks after while it is written.
struct KeptStore {
    let folder: TemporaryFolder
    let location: AuditLocation
    let key = AuditSigningKey()
    let store: any AuditStore

    var upkeep: any AuditUpkeep { store.upkeep }
    var reader: any AuditReader { store.reader }

    /// - Parameter interval: records between two checkpoints; nil signs none.
    init(_ kind: StoreKind, sealedEvery interval: Int? = nil) throws {
        folder = try TemporaryFolder()
        location = try kind.locate(in: folder)
        let sealing = interval.map { [key] in AuditSealing(key: key, interval: $0) }
        store = try location.store(keeper: Fixture.keeper(.full), sealing: sealing, spills: false)
    }

    /// Records with the numbers of a range, a second apart.
    func record(_ places: ClosedRange<Int>, tenant: String = "north") async throws {
        for place in places {
            var record = Fixture.record(at: Double(place), requestID: "request-\(place)")
            record.tenant = tenant
            record.client = "client-\(place)"
            record.conversation = "conversation-\(place)"
            record.decision.channel = "slack/T1/C\(place)"
            try await store.record(record)
        }
    }

    /// Records of these outcomes, a day apart.
    func record(_ outcomes: [Outcome], from day: Int = 0, text: String = "good morning") async throws {
        for (place, outcome) in outcomes.enumerated() {
            let time = Double(day + place) * 86400
            try await store.record(
                Fixture.record(
                    at: time,
                    verdicts: [Fixture.verdict("a", outcome)],
                    requestID: "\(day + place)",
                    text: text
                )
            )
        }
    }

    /// Whether each record, the first recorded first, has its text.
    func kept() async throws -> [Bool] {
        try await store.list(limit: 200).entries.reversed().map { $0.content.first?.text != nil }
    }

    /// Places in the chain of the records that are there.
    func places() async throws -> [Int] { try await store.list(limit: 200).entries.map(\.sequence).reversed() }

    func verify() async throws -> ChainReport { try await store.verify(ChainEvidence(keys: [key.publicKey])) }
}
