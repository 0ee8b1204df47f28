import ArgumentParser
import GatehouseApp
import Moderation
import PolicyFiles

/// `gatehouse policy explain`.
struct PolicyExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Print the rules that hold for some traffic, and where each value is written.",
        discussion: "Ends with exit code 78 when the policy can't be used."
    )

    @Argument(help: "Policy file or folder. Default: policies/default.")
    var path: String?
    @Option(help: "Route of the gateway, such as /v1/chat/completions.")
    var route = ""
    @Option(help: "Whose traffic.")
    var tenant = "default"
    @Option(help: "Name of the chatbot's model.")
    var model = ""
    @Option(help: "Channel of a chat platform, such as slack/T024/C012.")
    var channel = ""
    @Option(help: "prompt or response. Default: both.")
    var direction: String?
    @Option(name: .customLong("rule"), help: "Only this rule; may be given several times.")
    var rules: [String] = []
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func validate() throws {
        if let direction, Direction(rawValue: direction) == nil {
            throw ValidationError("'\(direction)' is not a direction; use prompt or response")
        }
    }

    func run() throws {
        let report = Judge.report(policyPath: path)
        guard let policy = report.policy else {
            printError(report.text)
            throw ExitCode(78)
        }
        let known = policy.rules.map(\.id)
        for rule in rules where !known.contains(rule) {
            throw ValidationError("'\(rule)' is not a rule of the policy; it has \(known.joined(separator: ", "))")
        }
        let scope = Scope(route: route, tenant: tenant, model: model, channel: channel)
        let directions = direction.flatMap(Direction.init).map { [$0] } ?? Direction.allCases
        let explanations = directions.map {
            PolicyExplanation(policy, places: report.places, scope: scope, direction: $0, rules: rules)
        }
        switch format {
        case .json: print(try JSONOutput.string(explanations), terminator: "")
        case .text: print(explanations.map(\.text).joined(separator: "\n"), terminator: "")
        }
    }
}
