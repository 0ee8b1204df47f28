public import Audit
import Foundation

/// The audit store as the admin API uses it.
public struct AdminStore: Sendable {
    let reader: any AuditReader
    let labels: any AuditLabels
    let upkeep: any AuditUpkeep
    let signingKey: AuditSigningKey?

    /// Puts together what reads a store, what keeps labels and what looks after it.
    ///
    /// - Parameter signingKey: signs checkpoints; nil where nobody does.
    public init(
        reader: any AuditReader,
        labels: any AuditLabels,
        upkeep: any AuditUpkeep,
        signingKey: AuditSigningKey?
    ) {
        self.reader = reader
        self.labels = labels
        self.upkeep = upkeep
        self.signingKey = signingKey
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
