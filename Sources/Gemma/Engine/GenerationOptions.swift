/// How text is generated.
public struct GenerationOptions: Sendable, Equatable {
    /// Most tokens that are generated; at least 1.
    public var maxTokens: Int
    /// At least 0, which takes the likeliest token every time (greedy); higher is more varied.
    public var temperature: Float
    /// Only this many of the likeliest tokens are drawn from; 0 for no limit.
    public var topK: Int
    /// Only the likeliest tokens whose probabilities reach this sum are drawn from; above 0, at most 1.
    public var topP: Float
    /// The same seed, options and prompt give the same text.
    public var seed: UInt64
    /// Generation ends before the first of these would appear; empty ones are ignored.
    public var stopStrings: [String]

    /// Greedy by default.
    public init(
        maxTokens: Int = 256,
        temperature: Float = 0,
        topK: Int = 64,
        topP: Float = 0.95,
        seed: UInt64 = 0,
        stopStrings: [String] = []
    ) {
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.seed = seed
        self.stopStrings = stopStrings
    }

    func check() throws(GemmaError) {
        guard maxTokens >= 1 else {
            throw .invalidSampling(found: "maxTokens \(maxTokens)", expected: "at least 1")
        }
        guard temperature >= 0, temperature.isFinite else {
            throw .invalidSampling(found: "temperature \(temperature)", expected: "a number of at least 0")
        }
        guard topK >= 0 else {
            throw .invalidSampling(found: "topK \(topK)", expected: "at least 0")
        }
        guard topP > 0, topP <= 1 else {
            throw .invalidSampling(found: "topP \(topP)", expected: "above 0 and at most 1")
        }
    }
}
