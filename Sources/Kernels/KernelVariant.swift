import CKernels
import Synchronization

/// A set of kernels written for one level of processor features.
public enum KernelVariant: Int32, CaseIterable, Sendable {
    /// Plain C, for any processor.
    case scalar = 0
    /// 256-bit vectors: AVX2, FMA and F16C.
    case avx2 = 1
    /// 512-bit vectors: AVX-512 F, BW, DQ, VL and VNNI. (The first processors with AVX-512 lack VNNI and run ``avx2``.)
    case avx512 = 2
    /// 128-bit vectors of arm64: NEON with the dot product instructions (optional from Armv8.2, part of Armv8.4).
    case neon = 3

    /// The name that `GATEHOUSE_KERNELS` takes, for logs.
    public var name: String {
        switch self {
        case .scalar: "scalar"
        case .avx2: "avx2"
        case .avx512: "avx512"
        case .neon: "neon"
        }
    }
}

/// Which kernels this process runs.
public enum Kernels {
    /// The variant in use, chosen on first use and for the whole process.
    ///
    /// `GATEHOUSE_KERNELS` set to `scalar`, `avx2`, `avx512` or `neon` decides. A value that is unknown, or that this
    /// machine cannot run, counts as absent: then it is the best one available. So compare this value with the wish to
    /// see whether the wish was granted.
    public static var active: KernelVariant {
        KernelVariant(rawValue: ck_variant_active()) ?? .scalar
    }

    /// The variants this machine can run, plainest first.
    ///
    /// Both the processor and the registers that the operating system saves are checked.
    public static var available: [KernelVariant] {
        KernelVariant.allCases.filter { ck_variant_is_available($0.rawValue) != 0 }
    }

    /// The variant that a process started with `GATEHOUSE_KERNELS` set to `name` (nil: not set) uses here.
    package static func variant(forSetting name: String?) -> KernelVariant {
        KernelVariant(rawValue: ck_variant_for_name(name)) ?? .scalar
    }

    private static let selection = Mutex<Void>(())

    /// Runs `body` with `variant` in use for the whole process, then puts the former one back.
    ///
    /// For tests. One call runs at a time; kernels called from other threads meanwhile use `variant` too.
    ///
    /// - Precondition: `variant` is available here, and `body` does not call this function again.
    package static func withVariant<Result, Failure: Error>(
        _ variant: KernelVariant,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(available.contains(variant), "kernel variant \(variant.name) is not available on this machine")
        return try selection.withLock { _ throws(Failure) in
            let former = ck_variant_active()
            ck_variant_select(variant.rawValue)
            defer { ck_variant_select(former) }
            return try body()
        }
    }
}
