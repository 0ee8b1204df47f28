/// What an engine has to do, and has done since it was made: for metrics.
public struct EngineLoad: Sendable, Equatable {
    /// Jobs in the queue.
    public internal(set) var waiting = 0
    /// Whether a job is running.
    public internal(set) var isBusy = false
    /// Jobs that ran to an end, good or bad.
    public internal(set) var completed = 0
    /// Jobs turned away because the queue was full.
    public internal(set) var rejected = 0
    /// Jobs whose task was cancelled before they ran.
    public internal(set) var cancelled = 0
}
