import Audit
import Testing

@Suite("a position in a store")
struct AuditPositionTests {
    @Test("is read as it is printed", arguments: ["0", "48211", "1:48211,2:77", "2:77"])
    func text(text: String) throws {
        #expect(try AuditPosition(text).description == text)
    }

    @Test("is not read from anything else", arguments: ["", "-1", "1:0", "0:1", "1:2:3", "1:2,1:3", "1:2,", "x"])
    func refusals(text: String) {
        #expect(throws: AuditError.self) { try AuditPosition(text) }
    }

    @Test("tells how far each chain has got")
    func chains() throws {
        let position = try AuditPosition("1:5,3:2")
        #expect(position[1] == 5 && position[2] == 0 && position[3] == 2)
    }
}
