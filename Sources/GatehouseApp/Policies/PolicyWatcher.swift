import Foundation
import Moderation
import PolicyFiles
import ServiceLifecycle
import UnixSignals

/// Has the policy read again when its files change, and on SIGHUP.
struct PolicyWatcher: Service {
    let desk: PolicyDesk
    /// How often the files are looked at.
    var interval = Duration.milliseconds(500)
    private static let looksUntilRetry = 20

    /// Watches until the group stops.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await watchFiles() }
                group.addTask { await watchSignals() }
            }
        }
    }

    private func watchSignals() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) { _ = await desk.reload(by: "signal") }
    }

    /// A change counts once two looks in a row see the same: an editor that is still writing leaves half a file, which may
    /// well be a policy too.
    private func watchFiles() async {
        var settled = look()
        var before = settled
        var looks = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            let now = look()
            looks += 1
            // What a bad set needs may be where nobody looks, such as a file that it extends and that is not there yet.
            let mustRetry = desk.inForce.current.problem != nil && looks.isMultiple(of: Self.looksUntilRetry)
            if now == before, now != settled || mustRetry {
                _ = await desk.reload(by: "file change")
                settled = now
            }
            before = now
        }
    }

    private func look() -> FileFingerprint {
        let state = desk.inForce.current
        let read = state.live.sources.map(\.path) + (state.problem?.diagnostics.map(\.location.file) ?? [])
        return FileFingerprint(path: desk.path, files: read)
    }
}
