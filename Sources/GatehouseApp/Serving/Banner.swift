import Admin
import Audit
import Gateway
import Kernels
import Moderation
import Shield

/// What the program says when it is ready.
struct Banner: Sendable {
    let settings: Settings
    let judge: Judge

    /// - Parameter adminPort: where the admin API listens; nil where it doesn't.
    func text(port: Int, adminPort: Int? = nil) -> String {
        let policy = judge.moderator.policy
        let host = settings.gateway.host.contains(":") ? "[\(settings.gateway.host)]" : settings.gateway.host
        let base = "http://\(host):\(port)"
        var model = "none (no rule asks one)"
        if let loaded = judge.model {
            let identity = loaded.classifier.identity
            model = "\(identity.model) (\(identity.modelDigest.prefix(12)))"
            if loaded.adapterPath != nil { model += " with adapter \(identity.adapterDigest?.prefix(12) ?? "")" }
            model += ", template \(identity.template), \(Kernels.active.name) kernels, \(settings.threads) threads"
        }
        var admin = "none (admin.keys in the settings opens one)"
        if let address = settings.adminAddress, let adminPort {
            admin = "http://\(AdminAddress(host: address.host, port: adminPort)), described at /openapi.json"
        }
        let rules = policy.rules.count { $0.mode == .enforce }
        let shadow = policy.rules.count { $0.mode == .shadow }
        return """
            gatehouse is listening on \(base)
              model     \(model)
              policy    \(policy.name) from \(Judge.policyPath(settings.policies)), \(rules) rules\(shadow > 0 ? " and \(shadow) in shadow" : ""), \
            revision \(policy.revision.prefix(12))
              upstream  \(settings.upstream ?? "built-in demo generator (a base model: expect no wit)")
              audit     \(settings.audit), content \(settings.auditContent.rawValue)
              admin     \(admin)

            try it:
              curl \(base)/v1/chat/completions -H 'content-type: application/json' \\
                -d '{"model": "gemma-3-270m", "messages": [{"role": "user", "content": "What is the capital of France?"}]}'
              \(CommandLine.arguments[0]) audit list
            """
    }
}
