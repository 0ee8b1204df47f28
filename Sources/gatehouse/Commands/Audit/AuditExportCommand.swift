public import ArgumentParser
public import Audit
import GatehouseApp

/// `gatehouse audit export`.
struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write records to a folder, in parts with checksums, or to one file.",
        discussion: """
            A name that ends in .jsonl or .csv is a file, any other a folder, with a manifest that says of each part which records \
            it holds and its SHA-256. Parts appear when they are whole. Texts are left out unless --content is given. \
            --check ends with exit code 1 when something is missing or was changed.
            """
    )

    @Argument(help: "The folder, or the file.")
    var target: String
    @Option(help: "jsonl (one record a line) or csv. Default: jsonl, or what the file's name says.")
    var format: ExportFormat?
    @Flag(help: "Write the kept texts too.")
    var content = false
    @Option(help: "At most so many records in a part of a folder.")
    var partRecords = 100_000
    @Flag(help: "Go on with an export that was interrupted, with the same filters.")
    var resume = false
    @Flag(help: "Compare the parts of a folder with its manifest; nothing is written.")
    var check = false
    @OptionGroup(title: "Filters") var filter: AuditFilterOptions
    @OptionGroup var store: AuditCommand.Store

    func validate() throws {
        if partRecords < 1 { throw ValidationError("--part-records \(partRecords): expected a number above 0") }
        let named = AuditExporting.format(of: target)
        if let format, let named, format != named {
            throw ValidationError("--format \(format.rawValue): the name of the file says \(named.rawValue)")
        }
        guard resume || check else { return }
        let flag = resume ? "--resume" : "--check"
        if resume && check { throw ValidationError("--resume: give either this or --check") }
        if named != nil { throw ValidationError("\(flag): expected a folder; a single file is whole when it is there") }
        if format != nil || content || filter.flags != FilterWords() || filter.query != nil {
            throw ValidationError(
                "\(flag): the manifest says what is exported; leave out formats, --content and filters"
            )
        }
    }

    func run() async throws {
        try await reporting {
            if check {
                let check = try ExportFolder(path: target).check()
                print(check.text, terminator: "")
                if !check.isSound { throw ExitCode(1) }
                return
            }
            let exporting = try AuditExporting(settings: store.read())
            let plan = ExportPlan(format: format ?? .jsonl, hasContent: content, partRecords: partRecords)
            let report =
                resume
                ? try await exporting.resume(target, progress: { printError($0) })
                : try await exporting.write(to: target, filter.words(in: store), plan, progress: { printError($0) })
            print(report, terminator: "")
        }
    }
}

extension ExportFormat: ExpressibleByArgument {}
