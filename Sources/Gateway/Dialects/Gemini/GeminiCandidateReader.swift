import Moderation

/// Reads what an answer says, whole or one response of a stream: its candidates and what stands beside them.
struct GeminiCandidateReader {
    /// Fields beside the candidates that count and classify.
    private static let countKeys = [
        "usageMetadata", "promptFeedback", "promptTokensDetails", "cacheTokensDetails", "modelStatus",
    ]
    private static let labelKeys = ["modelVersion", "responseId", "createTime"]
    private static let candidateKeys = [
        "content", "finishReason", "index", "safetyRatings", "logprobsResult", "continuationToken",
    ]

    /// A candidate.
    struct Candidate {
        var index: Int
        var value: JSONValue
        var fields: [DocumentField] = []
        /// Why it ended; nil while it goes on.
        var finishReason: String?
        /// Its token probabilities.
        var echo: JSONValue?
    }

    /// What was found.
    struct Answer {
        /// Nil where there is no such field.
        var candidates: [Candidate]?
        /// What stands beside the candidates.
        var others: [DocumentField] = []
        var isError = false
    }

    let reader: DocumentReader
    private var objects: GeminiObjectReader { GeminiObjectReader(reader: reader) }

    init(reader: DocumentReader) {
        self.reader = reader
    }

    /// Reads a response.
    ///
    /// - Parameter callsBegun: for a stream, how many function calls each candidate has begun; nil for a whole answer.
    func answer(callsBegun: inout [Int: Int]?) throws(DialectError) -> Answer {
        var answer = Answer()
        let known = Self.countKeys + Self.labelKeys + ["candidates", "error"]
        for member in try objects.members(of: reader.document.root, field: "response", known: known) {
            switch member.name {
            case "candidates":
                answer.candidates = try candidates(member, callsBegun: &callsBegun)
            case _ where Self.countKeys.contains(member.name):
                answer.others += objects.unlabelled(member.member, at: "").map(\.repeated)
            case _ where Self.labelKeys.contains(member.name):
                answer.others += objects.label(member.member, at: "").map(\.repeated)
            default:
                if member.name == "error" { answer.isError = true }
                answer.others += reader.unknown(member.member, at: "").map(\.repeated)
            }
        }
        return answer
    }

    private func candidates(_ list: GeminiMember, callsBegun: inout [Int: Int]?) throws(DialectError) -> [Candidate] {
        guard let elements = list.value.elements else { throw .shape(field: "candidates", expected: "an array") }
        // An index of 0 goes without saying.
        let isNumbered = elements.contains { $0["index"] != nil }
        var candidates: [Candidate] = []
        for (position, element) in elements.enumerated() {
            let members = try objects.members(of: element, field: "candidates", known: Self.candidateKeys)
            let number = reader.document.integer(members.first { $0.name == "index" }?.value)
            var candidate = Candidate(index: number ?? (isNumbered ? 0 : position), value: element)
            let place = "/candidates/\(callsBegun == nil ? position : candidate.index)"
            for member in members { try read(member, of: &candidate, at: place, callsBegun: &callsBegun) }
            candidate.fields += members.filter { $0.name == "logprobsResult" && !isEcho($0.value, in: members) }
                .flatMap {
                    reader.texts(in: $0.value, kind: .text, at: place + JSONText.pointerStep($0.member.key))
                }
            candidates.append(candidate)
        }
        return candidates
    }

    /// Whether token probabilities say nothing but what the candidate says.
    private func isEcho(_ probabilities: JSONValue, in candidate: [GeminiMember]) -> Bool {
        let chosen = probabilities["chosenCandidates"] ?? probabilities["chosen_candidates"]
        let parts = candidate.first { $0.name == "content" }?.value["parts"]?.elements ?? []
        let said = parts.filter { $0["thought"]?.kind != .bool(true) }
        return reader.isEcho(
            probabilities,
            spelling: (chosen?.elements ?? []).map { $0["token"] },
            of: [said, parts].map { $0.map { reader.document.string($0["text"]) ?? "" }.joined() }
        )
    }

    private func read(
        _ member: GeminiMember,
        of candidate: inout Candidate,
        at pointer: String,
        callsBegun: inout [Int: Int]?
    ) throws(DialectError) {
        switch member.name {
        case "content":
            var contents = GeminiContentReader(reader: reader, callsBegun: callsBegun.map { $0[candidate.index] ?? 0 })
            let place = pointer + JSONText.pointerStep(member.member.key)
            let parts = try contents.parts(of: member.value, role: .assistant, at: place)
            candidate.fields += parts.flatMap(\.fields)
            callsBegun?[candidate.index] = contents.callsBegun
        case "logprobsResult":
            candidate.echo = member.value
        case "continuationToken":
            candidate.fields += objects.bytes(member.member, at: pointer)
        case "index":
            candidate.fields += objects.label(member.member, at: pointer)
        case "finishReason", "safetyRatings":
            if member.name == "finishReason" { candidate.finishReason = reason(member.value) }
            candidate.fields += objects.unlabelled(member.member, at: pointer).map(\.repeated)
        default:
            candidate.fields += reader.unknown(member.member, at: pointer).map(\.repeated)
        }
    }

    /// Constants may come as numbers; 0 and its name say nothing.
    private func reason(_ value: JSONValue) -> String? {
        let text = String(decoding: reader.document.bytes[value.range], as: UTF8.self)
        let reason = reader.document.string(value) ?? (text == "1" ? "STOP" : text)
        return ["0", "", "FINISH_REASON_UNSPECIFIED"].contains(reason) ? nil : reason
    }
}
