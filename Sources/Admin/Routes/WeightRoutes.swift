public import Audit
import HTTPTypes
import Moderation

/// Finds out which words of a record weighed most for a rule, or for the one that decided where none is named.
///
/// - Throws: ``AdminWeighingError``, `AuditError`.
public typealias AdminWeigher = @Sendable (AuditEntry, _ rule: String?) async throws -> WordWeights

/// Why words are not weighed, and what to do.
public enum AdminWeighingError: Error, Sendable, Hashable {
    /// There is nothing to weigh, or nothing to weigh it with.
    case impossible(String)
    /// The model has no time.
    case busy(String)
}

/// Asks the model anew about a decision.
struct WeightRoutes: Sendable {
    let store: AdminStore
    let weigh: AdminWeigher
    let turnstile = Turnstile()

    /// Longest time that it may take: connections on which nothing happens end after twice as long.
    private static let limit = Duration.seconds(30)

    var routes: [AdminRoute] { [weights] }

    private var weights: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/v1/decisions/{id}/weights",
            name: "weighWords",
            summary:
                "Asks the model which words of a kept text weighed most, while nothing else waits for it; one decision at a "
                + "time, for \(Self.limit.components.seconds) seconds at most. That is recorded as an act.",
            role: .reviewer,
            pathHelp: ["id": "The decision's id, or enough of the beginning of it."],
            query: [AdminParameter("rule", .text, "For which rule; the one that decided where it is absent.")],
            answer: .init(title: "what each word adds, or each few of a long text", schema: .reference("WordWeights")),
            stopsWithClient: true,
            refusals: [.notFound, .busy]
        ) { call in
            let entry = try await store.reader.entry(call.path["id"] ?? "")
            guard turnstile.enter() else {
                throw AdminRefusal(
                    .busy,
                    "the words of a decision are being weighed; expected one decision at a time, so ask again later"
                )
            }
            defer { turnstile.leave() }
            let weights = try await weights(of: entry, rule: call.query.text("rule"))
            try await store.note(
                .read,
                "weights decision:\(entry.decision.id)",
                of: [entry],
                showsContent: true,
                by: call.caller
            )
            return .json(try AuditJSON.text(weights))
        }
    }

    private func weights(of entry: AuditEntry, rule: String?) async throws -> WordWeights {
        do {
            return try await withThrowingTaskGroup(of: WordWeights.self) { group in
                group.addTask { try await weigh(entry, rule) }
                group.addTask {
                    try await Task.sleep(for: Self.limit)
                    throw AdminWeighingError.busy(
                        "the model had no time for it within \(Self.limit.components.seconds) seconds; ask again later, or"
                            + " run 'gatehouse audit show --weights' on a machine with the model"
                    )
                }
                defer { group.cancelAll() }
                guard let weights = try await group.next() else { throw CancellationError() }
                return weights
            }
        } catch AdminWeighingError.impossible(let reason) {
            throw AdminRefusal(.conflict, reason)
        } catch AdminWeighingError.busy(let reason) {
            throw AdminRefusal(.busy, reason)
        }
    }
}
