import Foundation

/// What was measured on: the `machine` of a results file.
struct Machine: Encodable {
    var cpu: String
    var family: String
    var cores: Int
    var flags: [String]
    var memoryBytes: UInt64
    var kernel: String
    var date: String
    var commands: [String]

    enum CodingKeys: String, CodingKey {
        case cpu, family, cores, flags, kernel, date, commands
        case memoryBytes = "memory_bytes"
    }

    /// Processor features that decide how fast a model runs; as bench/machine.py lists them.
    private static let flagsThatMatter = [
        "avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16",
        "asimddp", "i8mm", "bf16", "sve",
    ]

    static func current(command: [String]) -> Machine {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        func field(_ names: String...) -> String {
            for line in info.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                if parts.count == 2, names.contains(parts[0]) { return parts[1] }
            }
            return ""
        }
        let flags = Set(field("flags", "Features").split(separator: " ").map(String.init))
        let kernel = try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
        return Machine(
            cpu: field("model name"),
            family: field("cpu family"),
            cores: ProcessInfo.processInfo.activeProcessorCount,
            flags: flagsThatMatter.filter(flags.contains),
            memoryBytes: ProcessInfo.processInfo.physicalMemory,
            kernel: kernel?.trimmingCharacters(in: .newlines) ?? "",
            date: Date.now.formatted(.iso8601),
            commands: [command.joined(separator: " ")]
        )
    }

    var summary: String {
        "\(cpu), \(cores) cores (\(flags.joined(separator: " "))), \((memoryBytes + 1 << 29) >> 30) GiB, \(date)"
    }
}
