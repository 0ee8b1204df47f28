import Foundation
import Gateway
import Yams

/// Gathers settings from a YAML file, the environment and flags, and says where a bad one stands.
public struct SettingsLoader {
    /// Keys whose values are lists of entries, in the file only.
    static let lists = ["routes", "platforms", "tenants", "audit.sinks"]

    private var values: [String: (text: String, source: String)] = [:]
    private var routes = RouteReader()
    private var platforms: [PlatformSettings] = []
    private var tenants = TenantReader()
    private var sinks = SinkReader()
    private var paths: Set<String> = []

    /// Starts with defaults alone.
    public init() {}

    /// Reads a settings file: nested mappings of scalars, `audit: { file: x }` sets `audit.file`; and lists of entries.
    ///
    /// - Throws: ``SettingsError`` for an unreadable or malformed file and for unknown keys.
    public mutating func readFile(_ path: String) throws(SettingsError) {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw .unreadableFile(path: path, reason: (error as NSError).localizedDescription)
        }
        let root: Node?
        do {
            root = try Parser(yaml: text).singleRoot()
        } catch let error as YamlError {
            throw .malformedFile(path: path, reason: Self.reason(error))
        } catch {
            throw .malformedFile(path: path, reason: "not YAML")
        }
        guard let root, root.null == nil else { return }
        try read(root, prefix: "", path: path)
    }

    /// Reads `GATEHOUSE_…` variables: `audit.file` is `GATEHOUSE_AUDIT_FILE`.
    ///
    /// - Throws: nothing for unknown variables: the environment belongs to others too.
    public mutating func readEnvironment(_ environment: [String: String]) {
        for key in SettingsKey.allCases {
            if let text = environment[key.variable], !text.isEmpty {
                put(key, text, key.variable)
            }
        }
    }

    /// Sets what flags say; nil leaves a setting as it is.
    public mutating func set(_ key: SettingsKey, flag: String?) {
        if let flag { put(key, flag, "--" + key.flag) }
    }

    private mutating func put(_ key: SettingsKey, _ text: String, _ source: String) {
        values[key.rawValue] = (text, source)
        // Whoever names a file where a weaker source names a database means the file.
        if key == .auditFile { values[SettingsKey.auditDatabase.rawValue] = nil }
    }

    /// The settings that all sources together amount to.
    ///
    /// - Throws: ``SettingsError/invalidValue(key:source:expected:)``.
    public func settings() throws(SettingsError) -> Settings {
        var settings = Settings()
        settings.gateway.routes = routes.routes
        settings.gateway.modes = routes.modes
        settings.platforms = platforms
        settings.gateway.tenants.names = tenants.names
        settings.gateway.tenants.clients = tenants.clients
        settings.sinks = sinks.sinks
        for key in SettingsKey.allCases {
            guard let (text, source) = values[key.rawValue] else { continue }
            guard key.apply(text, &settings) else {
                throw .invalidValue(key: key.rawValue, source: source, expected: key.expectation)
            }
        }
        return settings
    }

    private mutating func read(_ node: Node, prefix: String, path: String) throws(SettingsError) {
        guard case .mapping(let mapping) = node else {
            throw .malformedFile(path: path, reason: "expected a mapping of settings at '\(prefix)'")
        }
        for (keyNode, value) in mapping {
            let name = keyNode.string ?? "?"
            let key = prefix.isEmpty ? name : prefix + "." + name
            let place = "\(path):\(keyNode.mark?.line ?? 1):\(keyNode.mark?.column ?? 1)"
            if Self.lists.contains(key) {
                try readList(value, key: key, path: path)
            } else if SettingsKey(rawValue: key) != nil {
                guard case .scalar(let scalar) = value else {
                    throw .invalidValue(key: key, source: place, expected: "a single value")
                }
                values[key] = (scalar.string, place)
            } else if SettingsKey.allCases.contains(where: { $0.rawValue.hasPrefix(key + ".") }) {
                try read(value, prefix: key, path: path)
            } else {
                throw .unknownKey(key: key, source: place, nearest: SettingsKey.nearest(to: key))
            }
        }
    }

    private mutating func readList(_ node: Node, key: String, path: String) throws(SettingsError) {
        guard case .sequence(let entries) = node else {
            let place = EntryReader.place(of: node, in: path)
            throw .invalidValue(key: key, source: place, expected: "a list: one entry a line after '- '")
        }
        for (index, entry) in entries.enumerated() {
            let name = "\(key)[\(index)]"
            switch key {
            case "routes": try routes.read(entry, name: name, file: path, taken: &paths)
            case "tenants": try tenants.read(entry, name: name, file: path)
            case "audit.sinks": try sinks.read(entry, name: name, file: path)
            default: platforms.append(try PlatformSettings(entry, name: name, file: path, taken: &paths))
            }
        }
    }

    private static func reason(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)"
        default: "not YAML"
        }
    }
}
