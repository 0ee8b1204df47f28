import Logging

extension LogHandler {
    /// Everything that is said with one event: the handler's own metadata, the provider's over it, the event's over both,
    /// and the event's error.
    func gathered(for event: LogEvent) -> Logger.Metadata {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let said = event.metadata { all.merge(said) { $1 } }
        if let error = event.error {
            all["error.message"] = .string("\(error)")
            all["error.type"] = .string(String(reflecting: type(of: error)))
        }
        return all
    }
}

extension Logger.MetadataValue {
    /// The value as JSON; objects with sorted keys.
    var json: String {
        switch self {
        case .string(let text): JSONText.quoted(text)
        case .stringConvertible(let value): JSONText.quoted(value.description)
        case .array(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
        case .dictionary(let members): members.json
        }
    }
}

extension Logger.Metadata {
    /// The metadata as a JSON object with sorted keys.
    var json: String {
        var object = JSONText()
        for (key, value) in sorted(by: { $0.key < $1.key }) { object.add(key, value.json) }
        return object.line
    }
}
