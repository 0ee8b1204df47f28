import Foundation

/// One figure as bench/README.md describes it, or several measurements of it.
struct Record: Encodable {
    var engine = "gatehouse"
    var variant = ""
    var `case`: String
    var tokens: Int
    var questions = 0
    var method = ""
    var value: Double
    var unit: String
    var min: Double
    var max: Double
    var count: Int

    /// A sample's median, with its range.
    init(_ case: String, tokens: Int, questions: Int = 0, method: String = "", _ sample: Sample, unit: String) {
        self.case = `case`
        self.tokens = tokens
        self.questions = questions
        self.method = method
        self.unit = unit
        value = Self.rounded(sample.median)
        min = Self.rounded(sample.least)
        max = Self.rounded(sample.most)
        count = sample.values.count
    }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

/// The file of results that bench/report.py reads.
struct Results: Encodable {
    struct Engine: Encodable {
        var engine = "gatehouse"
        var variant: String
        var version: String
        var build: String
    }

    let machine: Machine
    let engines: [Engine]
    let results: [Record]
    let scores: [String] = []

    init(machine: Machine, variant: String, about: (version: String, build: String), records: [Record]) {
        self.machine = machine
        engines = [Engine(variant: variant, version: about.version, build: about.build)]
        results = records.map { record in
            var record = record
            record.variant = variant
            return record
        }
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try (encoder.encode(self) + Data("\n".utf8)).write(to: URL(fileURLWithPath: path))
    }
}
