public import Foundation
import Synchronization

/// The keys that open the admin API at this moment.
///
/// The file is looked at with each request and read again when it is another, so that a key that was revoked opens nothing from
/// then on. A file that can't be read opens nothing: an older one may have had keys that are revoked since.
public final class AdminKeyRing: Sendable {
    /// What came of a key that somebody sent.
    enum Answer: Sendable, Hashable {
        /// Its holder.
        case caller(AdminCaller)
        /// There is no such key.
        case unknown
        /// It has expired or was revoked.
        case ended(AdminKey.State, name: String)
        /// The file with the keys can't be used.
        case unusable(AdminError)
    }

    private struct State {
        var fingerprint: Fingerprint?
        var keys: Result<[AdminKey], AdminError> = .success([])
    }

    private let file: AdminKeyFile?
    private let state = Mutex(State())

    /// Keys of a file; nil for none at all.
    ///
    /// Nothing is read yet.
    public init(path: String?) { file = path.map(AdminKeyFile.init(path:)) }

    /// Path of the file.
    public var path: String? { file?.path }

    /// How many keys open something now.
    ///
    /// - Throws: ``AdminError/unusableFile(path:reason:)``; an absent file has none.
    public func activeCount(now: Date = Date()) throws(AdminError) -> Int {
        do {
            return try current().get().count { $0.state(at: now) == .active }
        } catch .missingFile(_) {
            return 0
        }
    }

    /// Whose key a text is.
    func answer(to text: String, now: Date = Date()) -> Answer {
        let hash = AdminKeyHash(AdminSecret(text))
        do throws(AdminError) {
            var found: AdminKey?
            // Every key is compared, whichever matches.
            for key in try current().get() where key.hash.isSame(as: hash) { found = key }
            guard let found else { return .unknown }
            let state = found.state(at: now)
            guard state == .active else { return .ended(state, name: found.name) }
            return .caller(AdminCaller(name: found.name, role: found.role))
        } catch .missingFile(_) {
            return .unknown
        } catch {
            return .unusable(error)
        }
    }

    private func current() -> Result<[AdminKey], AdminError> {
        guard let file else { return .success([]) }
        return state.withLock { state in
            let fingerprint = Fingerprint(file.path)
            if state.fingerprint == nil || fingerprint != state.fingerprint {
                state.fingerprint = fingerprint
                do throws(AdminError) {
                    state.keys = .success(try file.keys())
                } catch {
                    state.keys = .failure(error)
                }
            }
            return state.keys
        }
    }

    /// Tells one state of a file from another.
    private struct Fingerprint: Equatable {
        /// Zero for an absent file.
        var node: UInt64 = 0
        var size: Int64 = 0
        var mode: UInt32 = 0
        var seconds: Int = 0
        var nanoseconds: Int = 0

        init(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return }
            node = UInt64(status.st_ino)
            size = Int64(status.st_size)
            mode = UInt32(status.st_mode)
            #if canImport(Darwin)
                seconds = status.st_ctimespec.tv_sec
                nanoseconds = status.st_ctimespec.tv_nsec
            #else
                seconds = status.st_ctim.tv_sec
                nanoseconds = status.st_ctim.tv_nsec
            #endif
        }
    }
}
