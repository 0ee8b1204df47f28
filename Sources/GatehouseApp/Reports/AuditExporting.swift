public import Audit
import Foundation

/// Writes records of the audit store to files, for those who analyse or keep them elsewhere.
public struct AuditExporting: Sendable {
    private let export: AuditExport

    /// Opens the audit store that the settings name, for reading.
    ///
    /// - Throws: `AuditError`.
    public init(settings: Settings) throws {
        export = AuditExport(try settings.audit.reader(keys: settings.auditTextKeys))
    }

    /// Writes a new export.
    ///
    /// - Parameters:
    ///   - target: a file where the name ends in `.jsonl` or `.csv`, which says the format; else a folder.
    ///   - progress: told a line after each part of a folder.
    /// - Returns: what was written, for people.
    public func write(
        to target: String,
        _ words: FilterWords,
        _ plan: ExportPlan,
        progress: (String) -> Void
    ) async throws -> String {
        if let format = Self.format(of: target) {
            var plan = plan
            plan.format = format
            let (records, sha256) = try await export.write(target, words, plan)
            return "\(records) records, SHA-256 \(sha256)\n"
        }
        let folder = ExportFolder(path: target)
        let manifest = try await export.begin(folder, words, plan) { progress(Self.line($0)) }
        return Self.line(manifest) + "\n"
    }

    /// Goes on with an interrupted export.
    public func resume(_ folder: String, progress: (String) -> Void) async throws -> String {
        let manifest = try await export.resume(ExportFolder(path: folder)) { progress(Self.line($0)) }
        return Self.line(manifest) + "\n"
    }

    /// The format that a file's name says; nil for a folder.
    public static func format(of target: String) -> ExportFormat? {
        ExportFormat.allCases.first { target.hasSuffix("." + $0.rawValue) }
    }

    private static func line(_ manifest: ExportManifest) -> String {
        "\(manifest.records) records in \(manifest.parts.count) parts"
    }
}
