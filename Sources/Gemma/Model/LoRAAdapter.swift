import Kernels

/// A LoRA adapter in llama.cpp's GGUF form: for a weight W `[out, in]`, `lora_a` is A `[rank, in]` and `lora_b` is B
/// `[out, rank]`, and the adapted weight is `W + alpha / rank · B · A`.
struct LoRAAdapter {
    let file: GGUFFile
    /// The numerator of the scale; 0 stands for a scale of 1, as in llama.cpp.
    private let alpha: Float

    /// - Throws: ``GemmaError/adapterMismatch(subject:found:expected:)`` and the errors of ``GGUFFile/init(path:)``.
    init(_ file: GGUFFile, for configuration: ModelConfiguration) throws(GemmaError) {
        self.file = file
        try Self.require(file, "general.type", "adapter")
        try Self.require(file, "adapter.type", "lora")
        try Self.require(file, "general.architecture", configuration.architecture.rawValue)
        alpha = try file.metadata.float("adapter.lora.alpha") ?? 0
        var adapted = Set<String>()
        for layer in 0..<configuration.layerCount {
            for map in LinearMap.allCases {
                adapted.insert(map.tensorName(layer: layer))
            }
        }
        for tensor in file.tensors {
            let base =
                tensor.name.hasSuffix(".lora_a") || tensor.name.hasSuffix(".lora_b")
                ? String(tensor.name.dropLast(7)) : tensor.name
            guard base != tensor.name, adapted.contains(base) else {
                throw .adapterMismatch(
                    subject: "the adapter's weight '\(tensor.name)'",
                    found: "for no linear map of the model",
                    expected: "'.lora_a' and '.lora_b' of layers 0...\(configuration.layerCount - 1)"
                )
            }
        }
    }

    /// The change of one weight, `alpha / rank · B · A`, as f32 `[rows, columns]`; nil when it is not adapted.
    ///
    /// - Throws: ``GemmaError/adapterMismatch(subject:found:expected:)`` when the shapes do not fit the weight's.
    func change(of name: String, rows: Int, columns: Int, pool: ThreadPool) throws(GemmaError) -> [Float]? {
        let a = file.tensor(name + ".lora_a")
        let b = file.tensor(name + ".lora_b")
        guard a != nil || b != nil else { return nil }
        guard let a, let b else {
            throw .adapterMismatch(
                subject: "the pair for '\(name)'",
                found: "only its '\(a == nil ? "lora_b" : "lora_a")'",
                expected: "both 'lora_a' and 'lora_b'"
            )
        }
        let rank = a.rows
        guard a.shape == [columns, rank] else {
            throw .adapterMismatch(subject: "'\(a.name)'", found: "of shape \(a.shape)", expected: "[\(columns), rank]")
        }
        guard b.shape == [rank, rows] else {
            throw .adapterMismatch(
                subject: "'\(b.name)'",
                found: "of shape \(b.shape)",
                expected: "[\(rank), \(rows)]"
            )
        }
        let scale = alpha == 0 ? 1 : alpha / Float(rank)
        let valuesOfA = file.floats(a)
        let valuesOfB = file.floats(b).map { $0 * scale }
        // B · A as a product with the transpose of A, whose rows are the weight's columns.
        let transposed = PackedMatrix(rows: columns, columns: rank, precision: .float32, pool: pool) { column, row in
            for index in 0..<rank { row[index] = valuesOfA[index * columns + column] }
        }
        return [Float](unsafeUninitializedCapacity: rows * columns) { output, initialized in
            valuesOfB.withUnsafeBufferPointer { input in
                guard let input = input.baseAddress, let output = output.baseAddress else { return }
                multiply(input, rows: rows, by: transposed, into: output, pool: pool)
            }
            initialized = rows * columns
        }
    }

    private static func require(_ file: GGUFFile, _ key: String, _ expected: String) throws(GemmaError) {
        let found = try file.metadata.string(key)
        guard found == expected else {
            throw .adapterMismatch(
                subject: "'\(key)'",
                found: found.map { "'\($0.prefix(64))'" } ?? "absent",
                expected: "'\(expected)'"
            )
        }
    }
}
