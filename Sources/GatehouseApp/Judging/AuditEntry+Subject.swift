import Audit
import Moderation

extension Subject {
    /// What a record was decided about, as far as its text was kept.
    ///
    /// - Parameter prompt: the record of the prompt that an answer belongs to.
    init(_ entry: AuditEntry, prompt: AuditEntry?) {
        let direction = entry.decision.direction
        self.init(
            direction: direction,
            context: direction == .response ? prompt.map { Turn.kept(in: $0) } ?? [] : [],
            turns: Turn.kept(in: entry)
        )
    }
}

extension Turn {
    /// The texts of a record, each a turn.
    static func kept(in entry: AuditEntry) -> [Turn] {
        entry.content.map {
            Turn(role: $0.role, parts: [Part(kind: $0.kind, text: $0.text ?? "", pointer: $0.pointer)])
        }
    }
}

extension Scope {
    /// As far as a record says.
    init(_ entry: AuditEntry) {
        self.init(route: entry.route, tenant: entry.tenant, model: entry.model ?? "")
    }
}
