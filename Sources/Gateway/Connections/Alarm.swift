import NIOCore

/// A timer whose end is moved often and comes rarely: it is scheduled anew only when it would come too late.
///
/// Used on its event loop only.
final class Alarm {
    private let eventLoop: any EventLoop
    private let ring: () -> Void
    private var deadline: NIODeadline?
    private var scheduled: (time: NIODeadline, task: Scheduled<Void>)?

    /// - Parameter ring: called on the event loop when the time is over.
    init(on eventLoop: any EventLoop, _ ring: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.ring = ring
    }

    /// Rings after a time, and not before.
    func set(after time: TimeAmount) {
        let deadline = NIODeadline.now() + time
        self.deadline = deadline
        if let scheduled {
            guard deadline < scheduled.time else { return }
            scheduled.task.cancel()
        }
        schedule(at: deadline)
    }

    /// Doesn't ring.
    func unset() { deadline = nil }

    /// Ends for good.
    func cancel() {
        deadline = nil
        scheduled?.task.cancel()
        scheduled = nil
    }

    private func schedule(at time: NIODeadline) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        scheduled = (time, eventLoop.scheduleTask(deadline: time) { bound.value.wake() })
    }

    private func wake() {
        scheduled = nil
        guard let deadline else { return }
        guard deadline <= .now() else { return schedule(at: deadline) }
        self.deadline = nil
        ring()
    }
}
