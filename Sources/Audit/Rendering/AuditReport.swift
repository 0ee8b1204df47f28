import Moderation

/// Tells everything about one record, for people.
public enum AuditReport {
    /// The report; ends in a line feed.
    ///
    /// - Parameters:
    ///   - entry: the record.
    ///   - labels: what was said of it, oldest first.
    ///   - neighbours: what else was decided in the same conversation, oldest first.
    ///   - rule: the rule that decided, as it stood then.
    ///   - weights: which words weighed most, where that was asked for.
    ///   - width: columns of the terminal; long texts are broken there.
    ///   - isColoured: whether to add ANSI colours.
    public static func render(
        _ entry: AuditEntry,
        labels: [AuditLabel] = [],
        neighbours: [AuditNeighbour] = [],
        rule: DecidingRule? = nil,
        weights: WordWeights? = nil,
        width: Int = 100,
        isColoured: Bool = false
    ) -> String {
        let ink = Ink(isColoured: isColoured)
        let page = Page(
            entry: entry,
            labels: labels,
            neighbours: neighbours,
            rule: rule,
            width: max(60, width),
            ink: ink
        )
        return [
            page.heading, page.exchange, page.rules, page.policyText, weights?.lines(ink) ?? [], page.candidate,
            page.text, page.said,
            page.conversation, page.coverage, page.grounds,
        ]
        .filter { !$0.isEmpty }
        .map { $0.joined(separator: "\n") + "\n" }
        .joined(separator: "\n")
    }
}

/// The parts of a report, each a list of lines.
private struct Page {
    let entry: AuditEntry
    let labels: [AuditLabel]
    let neighbours: [AuditNeighbour]
    let rule: DecidingRule?
    let width: Int
    let ink: Ink

    private var decision: Decision { entry.decision }

    var heading: [String] {
        let result = ink.paint(entry.result.rawValue, entry.result)
        var lines = [ink.bold("decision \(decision.id)"), field("result", painted: result + reason)]
        if entry.result.outcome == nil {
            lines.append(field("decided", painted: ink.paint(decision.outcome.rawValue, decision.outcome)))
        }
        lines.append(field("time", AuditTime.full(decision.time)))
        return lines
    }

    var exchange: [String] {
        var lines = [
            ink.bold("exchange"),
            field("direction", decision.direction.rawValue + (entry.streamed ? ", streamed" : "")),
            field("route", "\(entry.route) (\(entry.dialect))"),
            field("model", entry.model ?? "not given"),
            field("tenant", entry.tenant),
            field("request", entry.requestID),
            field("ending", entry.ending.rawValue + (entry.status.map { ", HTTP \($0)" } ?? "")),
        ]
        if let client = entry.client { lines.append(field("client", client)) }
        if let conversation = entry.conversation { lines.append(field("turn of", conversation)) }
        if let channel = decision.channel { lines.append(field("channel", channel)) }
        if let restored = decision.restored {
            lines.append(field("restored", "\(restored) × the words that a placeholder stands for"))
        }
        if let released = entry.releasedCharacters {
            lines.append(field("released", "\(released) characters before the end"))
        }
        return lines
    }

    var rules: [String] {
        [ink.bold("rules")] + (decision.verdicts.isEmpty ? ["  none was evaluated"] : lines(of: decision.verdicts))
    }

    /// Most lines of one passage of a policy file.
    private static let passageLimit = 24

    /// The rule that decided, in the words of the policy files of that day.
    var policyText: [String] {
        guard let rule, !rule.passages.isEmpty else { return [] }
        return [ink.bold("rule '\(TerminalText.line(rule.rule))' as it stood") + ink.dim(" (decided this)")]
            + rule.passages.flatMap { passage -> [String] in
                let lines = passage.text.split(separator: "\n", omittingEmptySubsequences: false)
                let shown = lines.prefix(Self.passageLimit)
                let rest = lines.count - shown.count
                let place = ink.dim("  \(TerminalText.line(passage.path)), line \(passage.line)")
                return [place] + broken(shown.joined(separator: "\n")).map { "    │ \($0)" }
                    + (rest > 0 ? [ink.dim("    … \(rest) more lines")] : [])
            }
    }

    /// What a policy that was tried would have done.
    var candidate: [String] {
        guard let candidate = decision.candidate else { return [] }
        return [
            ink.bold("tried beside it") + ink.dim(" (not acted on)"),
            field("policy", "\(candidate.policy), revision \(candidate.policyRevision)"),
            field("result", painted: ink.paint(candidate.outcome.rawValue, candidate.outcome)),
        ] + lines(of: candidate.verdicts)
    }

    private func lines(of verdicts: [Verdict]) -> [String] {
        let nameWidth = verdicts.map { TerminalText.columns($0.rule) }.max() ?? 0
        return verdicts.flatMap { verdict -> [String] in
            let name = TerminalText.pad(TerminalText.line(verdict.rule), to: nameWidth)
            let outcome = ink.paint(TerminalText.pad(verdict.outcome.rawValue, to: 6), verdict.outcome)
            let shadow = verdict.mode == .shadow ? ink.dim("  shadow: not acted on") : ""
            var lines = ["  \(name)  \(outcome)  \(finding(verdict))\(shadow)"]
            if let error = verdict.error { lines.append("    could not answer: \(TerminalText.line(error))") }
            return lines
        }
    }

    var text: [String] {
        guard !entry.content.isEmpty else { return [] }
        return [ink.bold("text") + ink.dim(" (kept: \(entry.contentMode.rawValue))")]
            + entry.content.flatMap { content -> [String] in
                var lines = [
                    "  \(content.role.rawValue) \(content.kind.rawValue), \(content.bytes) bytes, "
                        + TerminalText.line(content.pointer)
                ]
                if let digest = content.digest {
                    // A keyed one says by itself what it is.
                    lines.append(ink.dim(digest.contains(":") ? "    \(digest)" : "    sha256 \(digest)"))
                }
                let labels = TerminalText.line(content.masked.joined(separator: ", "))
                if !labels.isEmpty { lines.append("    masked: \(labels)") }
                if let note = content.note { lines.append("    \(note)") }
                if let act = content.erasedBy { lines.append("    erased by act \(act): gatehouse audit acts") }
                if let key = content.lockedBy {
                    lines.append("    encrypted with the key \(key), which is not at hand: audit.encryption_key")
                }
                if let text = content.text { lines += broken(text).map { "    │ \($0)" } }
                return lines
            }
    }

    /// What people said of the decision.
    var said: [String] {
        guard !labels.isEmpty else { return [] }
        return [ink.bold("labels")]
            + labels.map { label in
                let rule = label.rule.map { " of \(TerminalText.line($0))" } ?? ""
                let note = label.note.map { ": \(TerminalText.line($0))" } ?? ""
                let actor = TerminalText.line(label.actor)
                return "  \(label.finding.rawValue)\(rule)  \(AuditTime.seconds(label.time)) by \(actor)\(note)"
            }
    }

    /// What was decided before and after in the same conversation, with this decision in its place.
    var conversation: [String] {
        guard !neighbours.isEmpty else { return [] }
        let (earlier, later) = (
            neighbours.filter { $0.sequence < entry.sequence }, neighbours.filter { $0.sequence > entry.sequence }
        )
        let own = line(of: AuditNeighbour(entry)) + ink.dim("  this one")
        let name = entry.conversation == nil ? "same request" : "conversation"
        return [ink.bold(name)] + earlier.map(line) + [own] + later.map(line)
    }

    private func line(of neighbour: AuditNeighbour) -> String {
        let direction = TerminalText.pad(neighbour.direction.rawValue, to: 8)
        let result = ink.paint(neighbour.result.rawValue, neighbour.result)
        return "  \(neighbour.id)  \(AuditTime.seconds(neighbour.time))  \(direction)  \(result)"
    }

    var coverage: [String] {
        guard !decision.coverage.isEmpty else { return [] }
        let pointers = decision.coverage.map { TerminalText.line($0.pointer, limit: 48) }
        let pointerWidth = pointers.map(TerminalText.columns).max() ?? 0
        return [ink.bold("coverage")]
            + zip(decision.coverage, pointers).map { coverage, pointer in
                let state = TerminalText.pad(coverage.state.rawValue, to: 7)
                let name = TerminalText.pad(pointer, to: pointerWidth)
                let reason = coverage.reason.map { ": \(TerminalText.line($0))" } ?? ""
                return "  \(state)  \(name)  \(coverage.kind.rawValue), \(coverage.bytes) bytes\(reason)"
            }
    }

    var grounds: [String] {
        var lines = [
            ink.bold("grounds"),
            field("policy", "\(decision.policy), revision \(decision.policyRevision)"),
            field("", "its files: gatehouse policy log \(decision.policyRevision.prefix(12))"),
            field("judging", AuditNumber.milliseconds(decision.judgingMilliseconds)),
        ]
        if let score = decision.screenScore { lines.append(field("screen", AuditNumber.score(score))) }
        if let classifier = decision.classifier {
            lines.append(field("classifier", "\(classifier.model), template \(classifier.template)"))
            lines.append(field("", "model   sha256 \(classifier.modelDigest)"))
            if let adapter = classifier.adapterDigest { lines.append(field("", "adapter sha256 \(adapter)")) }
        }
        lines.append(field("chain", "record \(entry.sequence)"))
        lines.append(field("", "hash     \(entry.hash)"))
        lines.append(field("", "previous \(entry.previousHash)"))
        return lines
    }

    private var reason: String {
        let cause =
            switch decision.cause {
            case .none: ""
            case .content: " for its content"
            case .guardUnavailable: " because the guard could not answer, not for its content"
            case .overloaded: " because the guard had no room for it, not for its content"
            case .unscanned: " because of content that no detector reads"
            }
        let fail =
            switch decision.failMode {
            case .none: ""
            case .open: "; a detector failed and its rule let the text pass"
            case .closed: decision.cause == .content ? "; a detector failed and its rule blocked" : ""
            }
        return cause + fail + (decision.observed == true ? "; the route only observes: passed on as it came" : "")
    }

    private func finding(_ verdict: Verdict) -> String {
        if let score = verdict.score {
            let thresholds = [
                verdict.thresholds?.flag.map { "flag ┊ \(AuditNumber.score($0))" },
                verdict.thresholds?.block.map { "block │ \(AuditNumber.score($0))" },
            ]
            let limits = thresholds.compactMap { $0 }.joined(separator: "  ")
            return "\(AuditNumber.score(score)) \(ScoreBar.draw(score, thresholds: verdict.thresholds))  \(limits)"
        }
        if verdict.screenedOut { return "not asked: the screening score was low" }
        if verdict.error != nil { return "no answer" }
        if verdict.matches.isEmpty { return "no match" }
        return verdict.matches.sorted { $0.key < $1.key }
            .map { TerminalText.line($0.key) + ($0.value == 1 ? "" : " ×\($0.value)") }
            .joined(separator: ", ")
    }

    private func field(_ name: String, _ value: String) -> String {
        field(name, painted: TerminalText.line(value))
    }

    /// A field whose value is this program's own words and may carry colours.
    private func field(_ name: String, painted value: String) -> String {
        "  " + ink.dim(TerminalText.pad(name, to: 10)) + "  " + value
    }

    private func broken(_ text: String) -> [String] {
        let room = width - 6
        return TerminalText.block(text).split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
            var lines: [String] = []
            var current = ""
            var used = 0
            for character in line {
                let columns = TerminalText.columns(String(character))
                if used + columns > room {
                    lines.append(current)
                    current = ""
                    used = 0
                }
                current.append(character)
                used += columns
            }
            return lines + [current]
        }
    }
}
