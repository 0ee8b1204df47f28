/// What an engine has to do, and has done since it was made: for metrics.
public struct EngineLoad: Sendable, Equatable {
    /// Requests in the queue.
    public internal(set) var waiting = 0
    /// Whether a pass is running.
    public internal(set) var isBusy = false
    /// Passes that were run; each serves one request or more.
    public internal(set) var passes = 0
    /// Requests that were answered, with a result or an error of their own.
    public internal(set) var requests = 0
    /// Tokens that went through the model in passes that were not stopped.
    public internal(set) var rows = 0
    /// Requests turned away because the queue was full.
    public internal(set) var rejected = 0
    /// Requests whose task was cancelled before they were answered.
    public internal(set) var cancelled = 0
    /// Time that the engine spent on passes, in seconds.
    public internal(set) var busySeconds = 0.0
    /// Time that the requests which got into a pass had waited for it, together, in seconds.
    public internal(set) var waitedSeconds = 0.0
}

/// One pass that is about to run: what tests look at.
package struct EnginePass: Sendable, Equatable {
    /// Tokens of each request that it serves, in the order of the queue.
    package var rows: [Int]
}
