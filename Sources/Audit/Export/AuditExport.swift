public import Foundation

/// Writes records to a folder, in parts that can be checked, or to one file.
///
/// Records are read some at a time, in the order of recording, up to the newest when the export began; so memory doesn't grow
/// with their number, and the store can be written meanwhile.
public struct AuditExport: Sendable {
    private let source: any AuditFollowing

    /// Records that are read at a time.
    private static let pageRecords = 500

    /// Exports the records of a store.
    public init(_ source: any AuditFollowing) { self.source = source }

    /// Begins an export to a folder, which must be absent or empty.
    ///
    /// - Parameter progress: told the manifest after each part.
    /// - Throws: ``AuditError``.
    public func begin(
        _ folder: ExportFolder,
        _ words: FilterWords,
        _ plan: ExportPlan,
        now: Date = Date(),
        progress: (ExportManifest) -> Void = { _ in }
    ) async throws -> ExportManifest {
        // Before anything is made: a word that means nothing is said at once.
        let words = try words.settled(now: now)
        let filter = try words.filter(now: now)
        let until = try await source.position()
        try folder.create()
        let manifest = ExportManifest(created: now, plan: plan, filter: words, until: until.description)
        try folder.write(manifest)
        return try await write(manifest, filter, after: .start, to: folder, progress)
    }

    /// Goes on with an export that was interrupted, after its last whole part.
    ///
    /// The parts that are there are read and compared with the manifest first, and the last of their records with the store's.
    ///
    /// - Throws: ``AuditError``.
    public func resume(_ folder: ExportFolder, progress: (ExportManifest) -> Void = { _ in }) async throws
        -> ExportManifest
    {
        let manifest = try folder.manifest()
        if let problem = folder.problems(manifest).first {
            throw AuditError.unusableExport(path: folder.path, reason: problem + "; export to another folder")
        }
        try await checkStore(of: manifest, folder)
        try folder.removeRemains()
        if manifest.complete { return manifest }
        let start = try manifest.parts.last.map { part in try AuditPosition(part.position) } ?? .start
        return try await write(manifest, manifest.filter.filter(), after: start, to: folder, progress)
    }

    /// Writes all records that pass a filter to one file, which appears when it is whole.
    ///
    /// - Returns: how many, and the SHA-256 of the file.
    public func write(_ path: String, _ words: FilterWords, _ plan: ExportPlan) async throws -> (
        records: Int, sha256: String
    ) {
        let filter = try words.filter()
        guard !FileManager.default.fileExists(atPath: path) else {
            throw AuditError.unusableExport(path: path, reason: "it is there already; choose another name")
        }
        var file = try ExportFile(path)
        var records = 0
        try file.write(Data(try plan.format.list.render([]).utf8))
        let until = try await source.position()
        var position = AuditPosition.start
        while true {
            let stretch = try await next(filter, Self.pageRecords, after: position, until: until)
            if stretch.entries.isEmpty { break }
            try file.write(plan.data(stretch.entries))
            records += stretch.entries.count
            position = stretch.end
        }
        return (records, try file.finish())
    }

    private func checkStore(of manifest: ExportManifest, _ folder: ExportFolder) async throws {
        guard let part = manifest.parts.last else { return }
        var before = try AuditPosition(part.position)
        before[part.last.chain] = Int64(part.last.sequence) - 1
        let found = try await source.records(after: before, AuditFilter(), limit: 1).entries.first
        guard found.map(ExportManifest.Place.init) == part.last else {
            throw AuditError.unusableExport(
                path: folder.path,
                reason:
                    "the last record of its last part is not in this store; it is of another one, or was pruned since"
            )
        }
    }

    private func write(
        _ begun: ExportManifest,
        _ filter: AuditFilter,
        after start: AuditPosition,
        to folder: ExportFolder,
        _ progress: (ExportManifest) -> Void
    ) async throws -> ExportManifest {
        var manifest = begun
        let until = try AuditPosition(manifest.until)
        var position = start
        while let part = try await part(of: manifest, filter, from: position, to: until, in: folder) {
            manifest.parts.append(part)
            try folder.write(manifest)
            progress(manifest)
            position = try AuditPosition(part.position)
        }
        manifest.complete = true
        try folder.write(manifest)
        return manifest
    }

    /// Writes the next part; nil when no record is left.
    private func part(
        of manifest: ExportManifest,
        _ filter: AuditFilter,
        from start: AuditPosition,
        to until: AuditPosition,
        in folder: ExportFolder
    ) async throws -> ExportManifest.Part? {
        let plan = ExportPlan(
            format: manifest.format,
            hasContent: manifest.content,
            partRecords: manifest.partRecords
        )
        var stretch = try await next(filter, plan.partRecords, after: start, until: until)
        guard let first = stretch.entries.first, var last = stretch.entries.last else { return nil }
        let digits = String(manifest.parts.count + 1)
        let name =
            "part-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "." + plan.format.rawValue
        var file = try ExportFile(folder.file(name))
        try file.write(Data(try plan.format.list.render([]).utf8))
        var records = 0
        while let newest = stretch.entries.last {
            try file.write(plan.data(stretch.entries))
            records += stretch.entries.count
            last = newest
            if records == plan.partRecords { break }
            stretch = try await next(filter, plan.partRecords - records, after: stretch.end, until: until)
        }
        let bytes = file.bytes
        return ExportManifest.Part(
            name: name,
            records: records,
            bytes: bytes,
            sha256: try file.finish(),
            first: ExportManifest.Place(first),
            last: ExportManifest.Place(last),
            position: stretch.end.description
        )
    }

    /// The next records that were there when the export began; none when there are no more.
    private func next(
        _ filter: AuditFilter,
        _ limit: Int,
        after start: AuditPosition,
        until: AuditPosition
    ) async throws -> AuditStretch {
        var position = start
        while position != until {
            var stretch = try await source.records(after: position, filter, limit: min(limit, Self.pageRecords))
            stretch.entries.removeAll { !until.covers($0) }
            position = stretch.end.cut(to: until)
            if !stretch.entries.isEmpty { return AuditStretch(entries: stretch.entries, end: position) }
        }
        return AuditStretch(entries: [], end: until)
    }
}

extension ExportPlan {
    /// Some records as they are written.
    ///
    /// - Throws: ``AuditError/missingTextKey(id:)`` where texts are among them and one is encrypted with a key that is not at hand.
    fileprivate func data(_ entries: [AuditEntry]) throws -> Data {
        if hasContent { try entries.lazy.flatMap(\.content).checkUnlocked() }
        let entries = hasContent ? entries : entries.map(\.withoutContent)
        return Data(try format.list.render(entries, hasHeading: false).utf8)
    }
}
