import ArgumentParser
import Foundation
import GatehouseApp

/// Which model is measured; loaded as the gateway loads it.
struct ModelOptions: ParsableArguments {
    @Option(help: "GGUF model file. Default: Gemma 3 270M from the cache.")
    var model: String?
    @Option(help: "GGUF LoRA adapter; an empty value means none. Default: the shipped one, for the default model.")
    var adapter: String?
    @Option(help: "Prompt template: shield-1 or shieldgemma. Default: what the adapter says.")
    var template: String?

    var settings: Settings {
        var settings = Settings()
        settings.model = model
        settings.adapter = adapter
        settings.template = template
        return settings
    }

    /// The same options for another process.
    var arguments: [String] {
        [("--model", model), ("--adapter", adapter), ("--template", template)].flatMap { name, value in
            value.map { [name + "=" + $0] } ?? []
        }
    }
}
