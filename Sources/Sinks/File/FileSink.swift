import Dispatch
import Foundation
import Synchronization

/// Appends records to a file, one line of JSON each, and sets the file aside when it would grow too long.
///
/// The file may be renamed or removed by others at any time (logrotate): a new one is begun with the next records, without a
/// signal. It is readable by its owner only.
public final class FileSink: Sink {
    private let state: Mutex<LineFile>
    private let queue = DispatchQueue(label: "gatehouse.sink.file")

    /// - Parameters:
    ///   - path: the file; its folder must exist.
    ///   - maxBytes: its greatest length; nil for none.
    ///   - keep: how many of the files that were set aside stay; nil for all.
    public init(path: String, maxBytes: Int? = nil, keep: Int? = nil) {
        state = Mutex(LineFile(path: path, maxBytes: maxBytes, keep: keep))
    }

    /// Returns when the records are on disk.
    public func deliver(_ records: [SinkRecord]) async throws {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            queue.async {
                done.resume(with: Result { try self.state.withLock { file in try file.append(records.map(\.json)) } })
            }
        }
    }

    /// Closes the file.
    public func close() async { state.withLock { $0.close() } }
}
