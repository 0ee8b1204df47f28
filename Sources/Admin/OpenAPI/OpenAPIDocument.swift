import HTTPTypes

/// Describes routes as OpenAPI 3.1.
struct OpenAPIDocument: Sendable {
    let routes: [AdminRoute]

    /// Version of the API, not of the program.
    static let version = "1.0.0"

    /// The route that gives the description, which describes itself too.
    static func route(for routes: [AdminRoute]) -> AdminRoute {
        var route = AdminRoute(
            method: .get,
            path: "/openapi.json",
            name: "describe",
            summary: "Gives this description.",
            answer: .init(title: "an OpenAPI document", schema: ["type": "object", "required": ["openapi", "paths"]])
        ) { _ in preconditionFailure("the handler is set below") }
        let document = OpenAPIDocument(routes: routes + [route]).json
        route.handler = { _ in .json(try document.string()) }
        return route
    }

    /// The whole description.
    var json: JSON {
        var paths: [String: [String: JSON]] = [:]
        for route in routes {
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = operation(route)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Gatehouse admin API",
                "version": .text(Self.version),
                "description":
                    "Questions to the audit store of a gateway, and what is done to it. See docs/admin-api.md.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "paths": .object(paths.mapValues(JSON.object)),
            "components": [
                "schemas": .object(AdminSchemas.all),
                "securitySchemes": [
                    "key": [
                        "type": "http", "scheme": "bearer",
                        "description": "A key that `gatehouse admin key create` printed.",
                    ]
                ],
            ],
        ]
    }

    private func operation(_ route: AdminRoute) -> JSON {
        var operation: [String: JSON] = [
            "operationId": .text(route.name),
            "summary": .text(route.summary),
            "responses": .object(responses(route)),
        ]
        if let role = route.role {
            operation["security"] = [["key": []]]
            operation["x-role"] = .text(role.rawValue)
            operation["description"] = .text("Takes a key of the role \(role.rawValue) or more.")
        } else {
            operation["security"] = []
        }
        let parameters = pathParameters(route) + route.query.map(queryParameter)
        if !parameters.isEmpty { operation["parameters"] = .list(parameters) }
        if let body = route.body { operation["requestBody"] = requestBody(body) }
        return .object(operation)
    }

    private func pathParameters(_ route: AdminRoute) -> [JSON] {
        route.pathHelp.sorted { $0.key < $1.key }.map { name, help in
            [
                "name": .text(name), "in": "path", "required": true, "description": .text(help),
                "schema": ["type": "string", "minLength": 1],
            ]
        }
    }

    private func queryParameter(_ parameter: AdminParameter) -> JSON {
        let schema = parameter.schema
        return [
            "name": .text(parameter.name), "in": "query", "required": .flag(parameter.isRequired),
            "description": .text(help(parameter)),
            "schema": parameter.isList
                ? ["type": "array", "items": schema, "maxItems": .integer(AdminParameter.maxValues)] : schema,
        ]
    }

    private func help(_ parameter: AdminParameter) -> String {
        parameter.role.map { "\(parameter.help) Takes a key of the role \($0.rawValue) or more." } ?? parameter.help
    }

    private func requestBody(_ members: [AdminParameter]) -> JSON {
        var properties: [String: JSON] = [:]
        for member in members {
            properties[member.name] = member.schema.adding(["description": .text(help(member))])
        }
        let required = members.filter(\.isRequired).map { JSON.text($0.name) }
        var schema: [String: JSON] = [
            "type": "object", "properties": .object(properties), "additionalProperties": false,
        ]
        if !required.isEmpty { schema["required"] = .list(required) }
        return ["required": true, "content": [MediaType.json.name: ["schema": .object(schema)]]]
    }

    private func responses(_ route: AdminRoute) -> [String: JSON] {
        var codes: Set<AdminRefusal.Code> = Set(route.refusals)
        // A query or a body on a path that takes none, and paths that are not UTF-8.
        codes.formUnion([.malformedRequest, .unknownParameter])
        if route.role != nil {
            codes.formUnion([.missingKey, .forbidden, .conflict, .keysUnusable, .storeUnavailable, .failed])
        }
        if route.body != nil { codes.formUnion([.bodyTooLarge, .unsupportedMediaType]) }
        let byStatus = Dictionary(grouping: codes, by: \.status)
        var responses = byStatus.reduce(into: [String: JSON]()) { responses, group in
            let names = group.value.map(\.rawValue).sorted().joined(separator: ", ")
            responses["\(group.key)"] = [
                "description": .text(names),
                "content": [MediaType.json.name: ["schema": .reference("Error")]],
            ]
        }
        let answer: JSON = [
            "description": .text(route.answer.title),
            "content": .object([route.answer.type.name: ["schema": route.answer.schema]]),
        ]
        responses["\(route.answer.status)"] = answer
        if let other = route.answer.otherStatus { responses["\(other)"] = answer }
        return responses
    }
}

extension AdminParameter {
    /// What a value may be, as JSON Schema.
    var schema: JSON {
        switch kind {
        case .text: ["type": "string", "minLength": 1, "maxLength": .integer(Self.maxCharacters)]
        case .flag: ["type": "boolean"]
        case .count(let range, let standard):
            [
                "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
                "default": .integer(standard),
            ]
        case .share(let standard): ["type": "number", "minimum": 0, "maximum": 1, "default": .number(standard)]
        case .choice(let words): ["type": "string", "enum": .list(words.map(JSON.text))]
        }
    }
}
