import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A plain thread of the operating system, to be joined once.
struct WorkerThread: @unchecked Sendable {
    // @unchecked Sendable: pthread_t is an identifier; any thread may join with it.
    private let handle: pthread_t

    /// Starts a thread that runs `body`.
    init(_ body: @escaping @Sendable () -> Void) {
        let context = Unmanaged.passRetained(Context(body)).toOpaque()
        #if canImport(Darwin)
            var handle: pthread_t?
        #else
            var handle = pthread_t()
        #endif
        let status = pthread_create(&handle, nil, { WorkerThread.enter($0) }, context)
        precondition(status == 0, "the system refused to start a thread (error \(status))")
        #if canImport(Darwin)
            guard let handle else { preconditionFailure("the system started a thread without a handle") }
        #endif
        self.handle = handle
    }

    /// Waits until the thread has ended.
    func join() {
        pthread_join(handle, nil)
    }

    #if canImport(Darwin)
        private static func enter(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
            Unmanaged<Context>.fromOpaque(context).takeRetainedValue().body()
            return nil
        }
    #else
        private static func enter(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
            guard let context else { return nil }
            Unmanaged<Context>.fromOpaque(context).takeRetainedValue().body()
            return nil
        }
    #endif

    private final class Context: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Thread-specific mark: any non-null value means that this thread is inside a pool's loop.
    private static let mark: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key, nil)
        precondition(status == 0, "the system has no thread-specific key left (error \(status))")
        return key
    }()

    /// Whether the current thread is running iterations of a pool's loop.
    static var isInsideLoop: Bool {
        pthread_getspecific(mark) != nil
    }

    /// Marks the current thread while `body` runs.
    static func insideLoop(_ body: () -> Void) {
        pthread_setspecific(mark, UnsafeRawPointer(bitPattern: 1))
        body()
        pthread_setspecific(mark, nil)
    }
}
