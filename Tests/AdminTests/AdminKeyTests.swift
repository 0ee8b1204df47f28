import Admin
import Foundation
import Testing

@Suite("keys of the admin API")
struct AdminKeyTests {
    let folder: TemporaryFolder
    let file: AdminKeyFile

    init() throws {
        folder = try TemporaryFolder()
        file = AdminKeyFile(path: folder.file("keys.json"))
    }

    @Test("are printed once and kept as a hash, in a file that its owner alone may read")
    func keeping() throws {
        let key = try file.create(name: "anna", role: .reviewer, by: "root", now: Fixture.time)
        let other = try file.create(name: "ben", role: .reader, by: "root")
        #expect(key.hasPrefix("gatehouse_") && key.utf8.count == 74 && key != other)
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        #expect(!text.contains(key) && !text.contains(key.dropFirst(10)) && text.contains("\"sha256:"))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let keys = try file.keys()
        #expect(keys.map(\.name) == ["anna", "ben"] && keys.map(\.role) == [.reviewer, .reader])
        #expect(keys[0].createdBy == "root" && abs(keys[0].created.timeIntervalSince(Fixture.time)) < 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["keys.json"])
    }

    @Test("open until they are revoked or expire; what was is still told")
    func ending() throws {
        let now = Date()
        _ = try file.create(name: "anna", role: .admin, expires: now.addingTimeInterval(60), by: "root", now: now)
        #expect(try file.keys()[0].state(at: now) == .active)
        #expect(try file.keys()[0].state(at: now.addingTimeInterval(61)) == .expired)
        #expect(throws: AdminError.taken(name: "anna")) { try file.create(name: "anna", role: .reader, by: "root") }
        try file.revoke(name: "anna", by: "root")
        #expect(try file.keys()[0].state(at: now) == .revoked)
        #expect(throws: AdminError.unknownKey(name: "anna", known: [])) { try file.revoke(name: "anna", by: "root") }
        _ = try file.create(name: "anna", role: .reader, by: "root")
        #expect(try file.keys().map { $0.state(at: Date()) } == [.revoked, .active])
        #expect(throws: AdminError.unknownKey(name: "ben", known: ["anna"])) {
            try file.revoke(name: "ben", by: "root")
        }
    }

    @Test(
        "have names that can stand in a record",
        arguments: ["", "an na", "a/b", "a\n", "é", String(repeating: "a", count: 65)]
    )
    func names(name: String) {
        #expect(throws: AdminError.badName(name)) { try file.create(name: name, role: .reader, by: "root") }
    }

    @Test("that would have expired are not made")
    func expired() {
        let past = Date(timeIntervalSinceNow: -1)
        #expect(throws: AdminError.self) { try file.create(name: "anna", role: .reader, expires: past, by: "root") }
        #expect(throws: AdminError.missingFile(path: file.path)) { try file.keys() }
    }

    @Test("are not read from a file that others may use, nor from one that is something else")
    func unusable() throws {
        _ = try file.create(name: "anna", role: .reader, by: "root")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
        let open = #expect(throws: AdminError.self) { try file.keys() }
        #expect(open?.description.contains("mode 640") == true && open?.description.contains("chmod 600") == true)
        for text in ["", "{}", #"{"version":2,"keys":[]}"#, #"{"version":1,"keys":[{"name":"anna","hash":"x"}]}"#] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file.path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            #expect(throws: AdminError.self, "\(text)") { try file.keys() }
        }
        let folderFile = AdminKeyFile(path: folder.path)
        #expect(throws: AdminError.unusableFile(path: folder.path, reason: "it is not a file")) {
            try folderFile.keys()
        }
        #expect(throws: AdminError.self) {
            try AdminKeyFile(path: folder.file("none/keys.json")).create(name: "anna", role: .reader, by: "root")
        }
    }

    @Test("made at the same time are all kept")
    func sameTime() async throws {
        let file = file
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { _ = try file.create(name: "key-\(number)", role: .reader, by: "root") }
            }
            try await group.waitForAll()
        }
        #expect(Set(try file.keys().map(\.name)).count == 20)
    }

    @Test("roles are in order")
    func roles() {
        #expect(AdminRole.reader < .reviewer && AdminRole.reviewer < .admin && !(AdminRole.admin < .reader))
    }
}

@Suite("an address of the admin API")
struct AdminAddressTests {
    @Test(
        "is a host and a port",
        arguments: [
            ("127.0.0.1:8081", "127.0.0.1", 8081, true), ("localhost:0", "localhost", 0, true),
            ("[::1]:9", "::1", 9, true), ("127.9.9.9:1", "127.9.9.9", 1, true), ("0.0.0.0:80", "0.0.0.0", 80, false),
            ("[::]:80", "::", 80, false), ("127.evil.example.com:80", "127.evil.example.com", 80, false),
            ("10.0.0.1:80", "10.0.0.1", 80, false),
        ]
    )
    func addresses(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try AdminAddress(text)
        #expect(address == AdminAddress(host: host, port: port) && address.isLoopback == isLoopback)
        #expect(address.description == text)
    }

    @Test(
        "anything else is an error",
        arguments: ["", "8081", ":8081", "::1:8081", "a:b", "a:70000", "http://a:1", "a b:1"]
    )
    func others(text: String) {
        #expect(throws: AdminError.badAddress(text)) { try AdminAddress(text) }
    }
}
