import Synchronization

/// The keys and values of a token sequence, for every layer, so that what follows need not recompute them.
///
/// Used by one forward pass at a time: passes and ``truncate(to:)`` claim the cache, and a claim of a cache that is in
/// use is a programmer's mistake that traps. Keep caches to the jobs of one ``Engine`` and it can't happen. ``count``
/// and ``byteCount`` may be read at any time.
public final class KVCache: @unchecked Sendable {
    // Sendable: the storage is touched only by the holder of the claim `isInUse`, taken with acquire and given back
    // with release ordering; what others may read is atomic.

    /// Floats per position and layer, for keys and for values.
    let width: Int
    /// Keys of each layer, f32 `[capacity, width]`.
    private(set) var keys: [UnsafeMutablePointer<Float>]
    /// Values of each layer, f32 `[capacity, width]`.
    private(set) var values: [UnsafeMutablePointer<Float>]
    private var capacity = 0
    private let positions = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)
    private let isInUse = Atomic<Bool>(false)

    init(layers: Int, width: Int) {
        self.width = width
        keys = (0..<layers).map { _ in .allocate(capacity: 0) }
        values = (0..<layers).map { _ in .allocate(capacity: 0) }
    }

    deinit {
        for pointer in keys + values { pointer.deallocate() }
    }

    /// Positions held.
    public var count: Int { positions.load(ordering: .acquiring) }

    /// Bytes of memory taken.
    public var byteCount: Int { bytes.load(ordering: .relaxed) }

    /// Forgets everything from position `count` on; memory is kept for what follows.
    ///
    /// - Precondition: `0 <= count <= self.count`, and no pass is using the cache.
    public func truncate(to count: Int) {
        claim()
        defer { release() }
        precondition((0...self.count).contains(count), "can't truncate a cache of \(self.count) positions to \(count)")
        positions.store(count, ordering: .releasing)
    }

    var layerCount: Int { keys.count }

    func claim() {
        let wasInUse = isInUse.exchange(true, ordering: .acquiring)
        precondition(!wasInUse, "a KV cache was used by two passes at a time; run them as jobs of one engine")
    }

    func release() {
        isInUse.store(false, ordering: .releasing)
    }

    /// Makes room for `count` positions; for the claim's holder.
    func reserve(_ count: Int) {
        guard count > capacity else { return }
        let held = capacity
        let wanted = max(count, min(2 * capacity, capacity + 4096), 32)
        func grow(_ pointer: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
            let larger = UnsafeMutablePointer<Float>.allocate(capacity: wanted * width)
            larger.initialize(repeating: 0, count: wanted * width)
            larger.update(from: pointer, count: held * width)
            pointer.deallocate()
            return larger
        }
        keys = keys.map(grow)
        values = values.map(grow)
        capacity = wanted
        bytes.store(2 * layerCount * wanted * width * MemoryLayout<Float>.size, ordering: .relaxed)
    }

    /// Writes the keys and values of some positions of one layer; for the claim's holder, after `reserve`.
    func write(
        layer: Int,
        position: Int,
        count: Int,
        keys newKeys: UnsafePointer<Float>,
        values newValues: UnsafePointer<Float>
    ) {
        (keys[layer] + position * width).update(from: newKeys, count: count * width)
        (values[layer] + position * width).update(from: newValues, count: count * width)
    }

    /// Says how many positions are valid; for the claim's holder.
    func commit(_ count: Int) {
        positions.store(count, ordering: .releasing)
    }
}
