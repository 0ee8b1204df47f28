import Foundation
import Gateway
import ServiceLifecycle

/// The chat platforms that the settings name, each with a connection to its bot.
struct PlatformWiring {
    private(set) var endpoints: [PlatformEndpoint] = []
    /// What closes the connections when the program ends.
    private(set) var clients: [any Service] = []

    /// Reads secrets from the environment; opens nothing yet.
    ///
    /// - Throws: ``SettingsError``, or `GatewayError` for an address that is none.
    init(_ settings: Settings, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        for entry in settings.platforms {
            let bot = try HTTPUpstream(baseURL: entry.botBase, settings: settings.gateway)
            let api = entry.kind == .discord ? try HTTPUpstream(baseURL: entry.api, settings: settings.gateway) : nil
            endpoints.append(
                PlatformEndpoint(
                    path: entry.path,
                    platform: try entry.platform(environment: environment),
                    bot: bot,
                    botPath: entry.botPath,
                    api: api
                )
            )
            clients += [bot, api].compactMap { $0 }
        }
    }
}
