import ArgumentParser
import GatehouseApp
import PolicyFiles

/// Which running gateway.
struct ControlOptions: ParsableArguments {
    @Option(help: "Control socket of the gateway. Default: gatehouse.sock beside the audit store.")
    var control: String?
    @Option(help: "Audit store of the gateway. Default: gatehouse-audit.sqlite, or what the settings say.")
    var auditFile: String?
    @OptionGroup var file: SettingsFileOption
    @Option(help: "text or json.")
    var format = OutputFormat.text

    var settings: Settings {
        get throws { try file.settings(flags: [(.control, control), (.auditFile, auditFile)]) }
    }

    /// Asks the gateway and prints what it says: problems of files on standard error, as `validate` prints them.
    ///
    /// - Throws: exit code 78 for files that can't be used, 1 when the gateway can't be reached or says no.
    func ask(_ question: (PolicyControl) async throws -> PolicyReply) async throws {
        let settings = try settings
        let reply: PolicyReply
        do {
            reply = try await question(PolicyControl(settings: settings))
        } catch {
            printError("error: \(error)")
            throw ExitCode(1)
        }
        if format == .json {
            print(try JSONOutput.string(reply), terminator: "")
        } else {
            for diagnostic in reply.diagnostics { printError(diagnostic.text) }
            print(reply.message)
        }
        if !reply.isDone { throw ExitCode(reply.diagnostics.contains { $0.severity == .error } ? 78 : 1) }
    }
}
