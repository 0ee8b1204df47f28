import Foundation

/// Memory of this process, in bytes, as Linux counts it; zeros on other systems.
struct ProcessMemory {
    /// Resident now (VmRSS); pages of the mapped model file count.
    let resident: Int
    /// The most that was ever resident (VmHWM).
    let peak: Int

    static func current() -> ProcessMemory {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func bytes(_ key: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
            let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
            return (kibibytes ?? 0) * 1024
        }
        return ProcessMemory(resident: bytes("VmRSS:"), peak: bytes("VmHWM:"))
    }
}
