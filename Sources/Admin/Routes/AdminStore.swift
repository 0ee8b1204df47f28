public import Audit
import Foundation

/// The audit store as the admin API uses it.
public struct AdminStore: Sendable {
    let reader: any AuditReader
    let labels: any AuditLabels
    let upkeep: any AuditUpkeep
    let queries: any SavedQueryStore
    let signingKey: AuditSigningKey?
    let retention: RetentionPolicy

    /// Puts together what reads a store, what keeps labels and queries and what looks after it.
    ///
    /// - Parameters:
    ///   - signingKey: signs checkpoints; nil where nobody does.
    ///   - retention: how long what is kept, as the settings say.
    public init(
        reader: any AuditReader,
        labels: any AuditLabels,
        upkeep: any AuditUpkeep,
        queries: any SavedQueryStore,
        signingKey: AuditSigningKey?,
        retention: RetentionPolicy
    ) {
        self.reader = reader
        self.labels = labels
        self.upkeep = upkeep
        self.queries = queries
        self.signingKey = signingKey
        self.retention = retention
    }

    /// The conditions of a request, and those of the saved query that it names where it says nothing.
    ///
    /// - Throws: ``AdminRefusal`` where the query looks for words and the caller may not; `AuditError`.
    func words(_ call: AdminCall) async throws -> FilterWords {
        let given = try call.query.filterWords()
        guard let name = call.query.text(AdminParameter.savedQuery) else { return given }
        let words = try given.completed(by: try await queries.query(name).words)
        if words.text != nil, call.caller.role < AdminParameter.textSearchRole {
            throw AdminRefusal(to: call.caller, "'text' of the saved query", takes: AdminParameter.textSearchRole)
        }
        return words
    }

    /// Keeps that somebody is given texts, before they are: who can't be recorded is given none.
    ///
    /// - Parameters:
    ///   - entries: what is shown, in the order of showing.
    ///   - showsContent: whether their texts are.
    func note(
        _ kind: AuditAct.Kind,
        _ subject: String,
        of entries: [AuditEntry],
        showsContent: Bool,
        by caller: AdminCaller
    ) async throws {
        let places = entries.map { AuditAct.Place(sequence: $0.sequence, hash: $0.hash) }
        _ = try await upkeep.keep(
            AuditActDraft(
                kind: kind,
                actor: caller.actor,
                subject: subject,
                records: entries.count,
                texts: showsContent
                    ? entries.reduce(0) { sum, entry in sum + entry.content.count { $0.text != nil } } : 0,
                first: places.min { $0.sequence < $1.sequence },
                last: places.max { $0.sequence < $1.sequence }
            )
        )
    }
}

extension FilterWords {
    /// The conditions as they are recorded of who looked: in the order of the words, without what was searched for.
    var subject: String {
        let parts = FilterWord.allCases.flatMap { word in
            values(of: word).map { text in "\(word.rawValue)=\(word == .text ? Self.untold : text)" }
        }
        return parts.isEmpty ? "all" : parts.joined(separator: " ")
    }

    /// The conditions without what is searched for.
    var withoutText: FilterWords {
        var words = self
        if text != nil { words.text = Self.untold }
        return words
    }

    /// Stands for words that are not told.
    private static let untold = "…"
}

extension AuditEntry {
    /// The record without what somebody wrote, but with where it stood: no texts, and no digests, which may tell a short text to who tries some.
    var withoutTexts: AuditEntry {
        var entry = self
        for place in entry.content.indices {
            entry.content[place].text = nil
            entry.content[place].digest = nil
        }
        return entry
    }
}

extension AuditLabel {
    /// The label without its note, which may quote.
    var withoutNote: AuditLabel {
        var label = self
        label.note = nil
        return label
    }
}
