import Admin
import Foundation
import NIOHTTP1
import Testing

@Suite("the description of the admin API")
struct OpenAPITests {
    /// Routes of a document, such as `GET /v1/acts`.
    private func routes(_ document: ReadJSON) -> Set<String> {
        Set(
            document["paths"]?.members.flatMap { path, item in
                item.members.keys.map { "\($0.uppercased()) \(path)" }
            } ?? []
        )
    }

    @Test("has every route that answers, and none that doesn't")
    func routes() async throws {
        try await withAdmin(signing: true) { admin in
            let document = try await admin.ask(.GET, "/openapi.json", as: nil).json
            let described = routes(document)
            #expect(described == Set(goodRequests.map(\.route)))
            // The methods that the server says a path has are those that are described.
            for path in (document["paths"]?.members ?? [:]).keys {
                let filled = path.replacing("{id}", with: "ffff").replacing("{revision}", with: "ffff")
                let allowed = try await admin.ask(.PATCH, filled).headers["allow"].first
                let methods = described.filter { $0.hasSuffix(" \(path)") }.map { $0.prefix { $0 != " " } }.sorted()
                #expect(allowed == methods.joined(separator: ", "), "\(path)")
            }
        }
    }

    @Test("fits what is answered, of records in which every field says something", arguments: StoreKind.allCases)
    func answers(kind: StoreKind) async throws {
        try await withEverything(kind) { admin in
            let id = try await admin.fill()
            let document = try await admin.ask(.GET, "/openapi.json", as: nil).json
            let check = SchemaCheck(document: document)
            for round in 1...2 {
                for (index, request) in goodRequests.enumerated() {
                    var answer = try await admin.ask(good: index, id: id, as: .admin)
                    #expect(answer.status < 300, "\(request.route): \(answer.text)")
                    let words = request.route.split(separator: " ")
                    let (method, path) = (words[0].lowercased(), String(words[1]))
                    let operation = try #require(document["paths"]?[path]?[method])
                    if operation["parameters"]?.list.contains(where: { $0["name"]?.text == "content" }) == true {
                        let sign = request.path.contains("?") ? "&" : "?"
                        let shown = request.path.replacing("ID", with: id) + sign + "content=true"
                        answer = try await admin.ask(.GET, shown)
                    }
                    let content = operation["responses"]?["\(answer.status)"]?["content"]?.members ?? [:]
                    let (type, media) = try #require(content.first, "\(request.route) \(answer.status)")
                    #expect(answer.headers["content-type"].first?.hasPrefix(type) == true, "\(request.route)")
                    let schema = try #require(media["schema"])
                    let values: [ReadJSON] =
                        switch type {
                        case "application/json": [try answer.json]
                        case "application/x-ndjson":
                            try answer.text.split(separator: "\n").map { try ReadJSON(String($0)) }
                        default: [.text(answer.text)]
                        }
                    #expect(!values.isEmpty || round == 1, "\(request.route)")
                    for value in values {
                        let faults = check.faults(value, schema)
                        #expect(faults.isEmpty, "\(request.route): \(faults)")
                    }
                }
            }
        }
    }

    @Test("says which role each operation takes")
    func roles() async throws {
        try await withAdmin { admin in
            let document = try await admin.ask(.GET, "/openapi.json", as: nil).json
            for request in goodRequests {
                let words = request.route.split(separator: " ")
                let operation = document["paths"]?[String(words[1])]?[words[0].lowercased()]
                #expect(operation?["x-role"]?.text == request.role?.rawValue, "\(request.route)")
                #expect((operation?["security"]?.list.isEmpty == false) == (request.role != nil), "\(request.route)")
            }
        }
    }

    @Test("names every condition of the command line")
    func conditions() async throws {
        try await withAdmin { admin in
            let document = try await admin.ask(.GET, "/openapi.json", as: nil).json
            let parameters = document["paths"]?["/v1/decisions"]?["get"]?["parameters"]?.list ?? []
            let names = Set(parameters.compactMap { $0["name"]?.text })
            #expect(
                names.isSuperset(of: ["since", "outcome", "score", "fail_mode", "unscanned", "label", "after", "limit"])
            )
        }
    }
}
