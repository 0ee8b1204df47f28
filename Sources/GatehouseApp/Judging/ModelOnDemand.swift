import Synchronization

/// Loads the model when a policy first needs one; from then on it is there for every policy.
actor ModelOnDemand {
    private let settings: Settings
    private let known = Mutex<JudgeModel?>(nil)
    private var loading: Task<JudgeModel, any Error>?

    init(settings: Settings) {
        self.settings = settings
    }

    /// The model, where it has been loaded.
    nonisolated var loaded: JudgeModel? { known.withLock { $0 } }

    /// The model, loaded now if need be.
    ///
    /// - Throws: ``ModelError``, `GemmaError` or `ShieldError`; the next call tries again.
    func model() async throws -> JudgeModel {
        if let loading { return try await loading.value }
        let task = Task { [settings] in try await JudgeModel.load(settings) }
        loading = task
        do {
            let model = try await task.value
            known.withLock { $0 = model }
            return model
        } catch {
            loading = nil
            throw error
        }
    }
}
