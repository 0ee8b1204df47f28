import Gemma
import Testing

@Suite("GGUF files")
struct GGUFFileTests {
    @Test("metadata of every kind is read")
    func metadata() throws {
        var writer = GGUFWriter(tensors: 0, pairs: 4)
        writer.addPair("name", string: "märchen")
        writer.addPair("count", uint32: 7)
        writer.addArrayHead("words", type: 8, count: 2)
        writer.add("one")
        writer.add("two")
        writer.add("ratio")
        writer.add(UInt32(6))
        writer.add(Float(0.5).bitPattern)
        let file = try GGUFFile(bytes: writer.bytes)
        #expect(file.version == 3)
        #expect(file.metadata.keys == ["count", "name", "ratio", "words"])
        #expect(try file.metadata.string("name") == "märchen")
        #expect(try file.metadata.integer("count") == 7)
        #expect(try file.metadata.float("ratio") == 0.5)
        #expect(try file.metadata.array("words")?.strings() == ["one", "two"])
        #expect(try file.metadata.string("absent") == nil)
    }

    @Test("a key of another kind is named in the error")
    func wrongKind() throws {
        var writer = GGUFWriter(tensors: 0, pairs: 1)
        writer.addPair("count", string: "seven")
        let file = try GGUFFile(bytes: writer.bytes)
        #expect(throws: GemmaError.invalidMetadata(key: "count", found: "a string", expected: "a whole number")) {
            try file.metadata.integer("count")
        }
    }

    @Test("tensors are found by name, with type and extent")
    func tensors() throws {
        var writer = GGUFWriter(tensors: 2, pairs: 0)
        writer.addTensor("a", shape: [32, 3], type: 8)
        writer.addTensor("b", shape: [4], offset: 128)
        writer.addData(144)
        let file = try GGUFFile(bytes: writer.bytes)
        #expect(file.tensor("a")?.byteCount == 102)
        #expect(file.tensor("a")?.typeName == "Q8_0")
        #expect(file.tensor("b")?.shape == [4])
        #expect(file.tensor("c") == nil)
    }

    @Test("a missing file, a folder and an empty file are errors")
    func unreadable() {
        for path in ["/nowhere/model.gguf", "/tmp", "/dev/null"] {
            #expect { try GGUFFile(path: path) } throws: { error in
                guard case .unreadableFile(path, _) = error as? GemmaError else { return false }
                return true
            }
        }
    }

    @Test("another format and another version say what was found")
    func header() {
        #expect(
            throws: GemmaError.malformedFile(offset: 0, found: "the magic number 0x4b4e554a", expected: "'GGUF'")
        ) { try GGUFFile(bytes: Array("JUNKJUNKJUNKJUNKJUNKJUNK".utf8)) }
        #expect(
            throws: GemmaError.malformedFile(
                offset: 4,
                found: "a big-endian file",
                expected: "version 2 or 3, little-endian"
            )
        ) { try GGUFFile(bytes: GGUFWriter(version: UInt32(3).byteSwapped, tensors: 0, pairs: 0).bytes) }
    }
}
