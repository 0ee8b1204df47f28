package import Moderation

/// Holds a streamed answer back until it was judged.
///
/// A value without clock or network: events go in, windows to judge and bytes to release come out. What it guarantees:
/// - no text leaves before it was judged together with all text before it in its choice;
/// - text leaves up to a word's end, some way before the end of what was judged, never inside a stretch to be masked;
/// - events leave in order, byte for byte as they came unless text in them was masked;
/// - nothing leaves after a block, and the last events wait until ``recorded()``.
///
/// A block of one choice ends the stream for all choices. ``StreamMode/observe`` gives all this up: everything leaves as it
/// comes, but the last events, which still wait for the record.
package struct StreamGate: Sendable {
    /// Text that is to be judged now.
    package struct Window: Sendable {
        /// Which choice.
        package var choice: Int
        /// All its text so far, up to a word's end.
        package var turn: Turn
        /// Whether no more text will come.
        package var isWhole: Bool
        /// What stands in the place of redacted words before this window.
        package var placeholders: Placeholders
        fileprivate var ends: [StreamField: Int]
        fileprivate var closed: Set<StreamField>
    }

    /// Why nothing more will be released.
    package enum Stop: Sendable, Hashable {
        /// The judgement of this choice is a block.
        case blocked(choice: Int)
        /// The upstream sent text after it had said that it was finished.
        case textAfterEnd
        /// More is held than can be.
        case tooMuchHeld
    }

    private struct Held: Sendable {
        var event: StreamEvent
        var pieces: [Range<Int>]
        /// For each text whether it is said for the first time; what is said again is not counted again.
        var news: [Bool]
    }

    private struct Choice: Sendable {
        var tracks: [StreamTrack] = []
        var unscanned: [Part] = []
        var bytes = 0
        var windows = 0
        var judgement: Judgement?
        var placeholders: Placeholders?
        var streaks = WindowStreaks()
        var isFinished = false
        var isSettled = false
        var releasedCharacters = 0
        var isOpen = false
    }

    private let windows: StreamWindows
    private let mode: StreamMode
    private let expectedChoices: Int
    private let placeholders: Placeholders
    private var queue: [Held] = []
    private var head = 0
    private var heldBytes = 0
    private var choices: [Int: Choice] = [:]
    private var unscanned: [Part] = []
    private var finishReleased: Set<Int> = []
    private var isJudging = false
    private var isEnded = false
    /// Whether the decision was kept.
    package private(set) var isRecorded = false

    /// Why nothing more will be released; nil while the stream goes on.
    package private(set) var stop: Stop?
    /// Whether the upstream reported an error in the stream.
    package private(set) var sawError = false

    /// Creates a gate.
    ///
    /// - Parameters:
    ///   - expectedChoices: how many answers the client asked for.
    ///   - placeholders: what stands in the place of redacted words in the prompt.
    package init(
        windows: StreamWindows = StreamWindows(),
        expectedChoices: Int = 1,
        mode: StreamMode = .hold,
        placeholders: Placeholders = Placeholders()
    ) {
        self.windows = windows
        self.mode = mode
        self.expectedChoices = expectedChoices
        self.placeholders = placeholders
    }
}

// MARK: - Events in

extension StreamGate {
    /// Takes events from the upstream.
    package mutating func receive(_ events: [StreamEvent]) {
        for event in events where stop == nil {
            guard !isRecorded || event.texts.allSatisfy({ track(of: $0.field)?.place(of: $0) != nil }) else {
                stop = .textAfterEnd
                return
            }
            var pieces: [Range<Int>] = []
            for index in event.choices where choices[index] == nil { choices[index] = Choice() }
            var news: [Bool] = []
            for text in event.texts {
                news.append(track(of: text.field)?.place(of: text) == nil)
                pieces.append(append(text))
            }
            note(event.unscanned)
            for index in event.finished { choices[index, default: Choice()].isFinished = true }
            if event.isError { sawError = true }
            if event.isEnd || event.isError { finishAll() }
            heldBytes += event.bytes.count
            queue.append(Held(event: event, pieces: pieces, news: news))
            if heldBytes > windows.heldBytes * 16 { stop = .tooMuchHeld }
        }
    }

    /// Takes note that the upstream closed, in good order or not.
    package mutating func end() {
        isEnded = true
        finishAll()
    }

    private mutating func append(_ text: StreamEvent.Text) -> Range<Int> {
        let field = text.field
        if let place = track(of: field)?.place(of: text) { return place }
        var choice = choices[field.choice] ?? Choice()
        choice.isSettled = false
        choice.bytes += text.text.utf8.count
        let index =
            choice.tracks.firstIndex { $0.field == field }
            ?? {
                choice.tracks.append(StreamTrack(field: field))
                return choice.tracks.count - 1
            }()
        let piece = choice.tracks[index].append(text, choiceBytes: choice.bytes)
        choices[field.choice] = choice
        return piece
    }

    private mutating func note(_ parts: [Part]) {
        for part in parts where !unscanned.contains(where: { $0.pointer == part.pointer }) && unscanned.count < 64 {
            unscanned.append(part)
        }
    }

    private mutating func finishAll() {
        if choices.isEmpty { choices[0] = Choice() }
        for index in choices.keys { choices[index]?.isFinished = true }
    }

    /// Whether more should be read: false while enough is held to judge first.
    package var wantsEvents: Bool {
        guard stop == nil, !isEnded else { return false }
        return heldBytes < windows.heldBytes || (!isJudging && dueWindow() == nil)
    }
}

// MARK: - Judging

extension StreamGate {
    /// The text to judge next; nil while one is being judged or not enough is new.
    package mutating func nextWindow() -> Window? {
        guard stop == nil, !isJudging, let window = dueWindow() else { return nil }
        isJudging = true
        choices[window.choice]?.windows += 1
        return window
    }

    private func dueWindow() -> Window? {
        for (index, choice) in choices.sorted(by: { $0.key < $1.key }) where !choice.isSettled {
            guard choice.isFinished || mode != .whole else { continue }
            let new = choice.tracks.reduce(0) { $0 + $1.unjudged }
            let isDue = new >= windows.bytes(ofWindow: choice.windows) || heldBytes >= windows.heldBytes
            guard choice.isFinished || isDue else { continue }
            let window = window(of: choice, index: index)
            let isNews = choice.tracks.contains { (window.ends[$0.field] ?? 0) > $0.judged }
            if choice.isFinished || isNews { return window }
        }
        return nil
    }

    private func window(of choice: Choice, index: Int) -> Window {
        var window = Window(
            choice: index,
            turn: Turn(role: .assistant, parts: []),
            isWhole: choice.isFinished,
            placeholders: choice.placeholders ?? placeholders,
            ends: [:],
            closed: []
        )
        for track in choice.tracks {
            // A string that others have overtaken by as much as is held back is taken to be finished.
            let isClosed = choice.isFinished || choice.bytes - track.lastGrowth >= max(1, windows.holdBackBytes)
            let end = isClosed ? track.text.count : windows.wordEnd(in: track.text, before: track.text.count)
            window.ends[track.field] = max(end, track.judged)
            if isClosed { window.closed.insert(track.field) }
            window.turn.parts.append(track.part(upTo: max(end, track.judged)))
        }
        if index == choices.keys.min() { window.turn.parts += unscanned }
        return window
    }

    /// Takes the judgement of a window.
    package mutating func judged(_ window: Window, _ judgement: Judgement) {
        isJudging = false
        guard stop == nil, var choice = choices[window.choice] else { return }
        var merged = judgement
        choice.streaks.settle(&merged, isLast: window.isWhole, windows: windows)
        if let earlier = choice.judgement { merged.absorb(earlier) }
        choice.judgement = merged
        for index in choice.tracks.indices {
            let field = choice.tracks[index].field
            guard let end = window.ends[field] else { continue }
            guard !choice.streaks.isDoubtful else {
                choice.tracks[index].hold(upTo: end)
                continue
            }
            choice.tracks[index].settle(
                upTo: end,
                matches: judgement.redactions.first { $0.pointer == field.pointer }?.matches ?? [],
                isWhole: window.closed.contains(field) && end == choice.tracks[index].text.count,
                windows: windows
            )
        }
        // What is not released yet is found, and numbered, anew.
        choice.placeholders = judgement.placeholders.keeping(
            Set(choice.tracks.flatMap(\.releasedReplacements)),
            since: window.placeholders
        )
        choice.isSettled = window.isWhole && choice.tracks.allSatisfy { $0.unjudged == 0 }
        choices[window.choice] = choice
        if merged.outcome == .block, mode != .observe { stop = .blocked(choice: window.choice) }
    }
}

// MARK: - Events out

extension StreamGate {
    /// The bytes that may go out now.
    package mutating func release(by reader: inout any StreamReader) -> [UInt8] {
        guard stop == nil else { return [] }
        var out: [UInt8] = []
        while head < queue.count, isReleasable(queue[head]) {
            let held = queue[head]
            head += 1
            heldBytes -= held.event.bytes.count
            out += bytes(of: held, by: reader)
            reader.released(held.event)
            finishReleased.formUnion(held.event.finished)
            for index in held.event.choices { choices[index]?.isOpen = true }
        }
        if head > 256, head * 2 > queue.count {
            queue.removeFirst(head)
            head = 0
        }
        return out
    }

    private func track(of field: StreamField) -> StreamTrack? {
        choices[field.choice]?.tracks.first { $0.field == field }
    }

    private func isReleasable(_ held: Held) -> Bool {
        guard mode != .observe else { return isRecorded || !isLast(held.event) }
        guard mode != .whole || choices.values.allSatisfy(\.isSettled) else { return false }
        for (text, piece) in zip(held.event.texts, held.pieces) {
            guard let track = track(of: text.field), piece.upperBound <= track.safe else { return false }
        }
        guard held.event.finished.allSatisfy({ choices[$0]?.isSettled ?? true }) else { return false }
        return isRecorded || !isLast(held.event)
    }

    /// Whether the answer is over with this event, so that its record must be kept first.
    private func isLast(_ event: StreamEvent) -> Bool {
        if event.isEnd || event.isError { return true }
        guard !event.finished.isEmpty else { return false }
        let finished = finishReleased.union(event.finished)
        return finished.count >= expectedChoices && finished.isSuperset(of: choices.keys)
    }

    private mutating func bytes(of held: Held, by reader: any StreamReader) -> [UInt8] {
        var changed: [Int: String] = [:]
        for (index, (text, piece)) in zip(held.event.texts, held.pieces).enumerated() {
            guard let track = track(of: text.field) else { continue }
            let isUntouched = mode == .observe || track.isUntouched(piece)
            let released = isUntouched ? text.text : track.released(piece)
            if !isUntouched { changed[index] = released }
            if held.news[index] { choices[text.field.choice]?.releasedCharacters += released.count }
        }
        return changed.isEmpty ? held.event.bytes : reader.rewrite(held.event, texts: changed)
    }

    /// Whether all text is judged and only the record stands before the end.
    package var needsRecord: Bool {
        guard stop == nil, !isRecorded, !isJudging, choices.values.allSatisfy(\.isSettled) else { return false }
        return head < queue.count ? isLast(queue[head].event) : isEnded
    }

    /// Takes note that the decision is kept: the end may go out.
    package mutating func recorded() { isRecorded = true }

    /// Whether the upstream has closed and everything went out.
    package var isDone: Bool { isEnded && isRecorded && head == queue.count }
}

// MARK: - What the record says

extension StreamGate {
    /// The judgement of all choices together, as far as it came.
    package var judgement: Judgement {
        var merged: Judgement?
        for (_, choice) in choices.sorted(by: { $0.key < $1.key }) {
            guard let next = choice.judgement else { continue }
            merged = merged?.joined(with: next) ?? next
        }
        return merged ?? Judgement(verdicts: [])
    }

    /// The text of each choice, as far as it was judged.
    package var turns: [Turn] {
        choices.sorted { $0.key < $1.key }.map { _, choice in
            Turn(role: .assistant, parts: choice.tracks.map { $0.part(upTo: $0.judged) })
        }
    }

    /// Characters of the answer that the client gets: those that went out, and those that go out with the last events
    /// once the decision is kept.
    package var releasedCharacters: Int {
        let released = choices.values.reduce(0) { $0 + $1.releasedCharacters }
        guard needsRecord else { return released }
        return queue[head...].reduce(released) { sum, held in
            zip(zip(held.event.texts, held.pieces), held.news).filter(\.1).map(\.0).reduce(sum) { sum, text in
                guard mode != .observe else { return sum + text.0.text.count }
                return sum + (track(of: text.0.field)?.released(text.1).count ?? 0)
            }
        }
    }

    /// Events that wait.
    package var heldEvents: Int { queue.count - head }

    /// What a blocked choice is told, and how the client's view of it stands.
    package func refusal(of choice: Int) -> (reply: String, isOpen: Bool) {
        let state = choices[choice] ?? Choice()
        let reply = state.judgement?.reply ?? PolicySet.defaultReply
        return (state.releasedCharacters > 0 ? "\n\n" + reply : reply, state.isOpen)
    }
}
