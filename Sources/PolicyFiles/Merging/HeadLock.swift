internal import Moderation

/// Sees to it that nobody weakens what a locked policy says for the policy as a whole: its screen and `unscanned`.
struct HeadLock {
    let problems: ProblemList

    /// - Parameters:
    ///   - layers: the layers, bases first.
    ///   - heads: what each says.
    func check(_ layers: [PolicyLayer], _ heads: [LayerHead]) {
        for (index, layer) in layers.enumerated() {
            for base in layer.bases.sorted() {
                guard let locked = layers[base].locked else { continue }
                check(layer, heads[index], against: heads[base], locked: locked)
            }
            if let locked = layer.locked { check(layer, LayerHead(), against: heads[index], locked: locked) }
        }
    }

    private func check(_ layer: PolicyLayer, _ head: LayerHead, against base: LayerHead, locked: SourceLocation) {
        if let least = base.unscanned {
            let overrides = layer.drafts.flatMap { $0.overrides.compactMap(\.unscanned) }
            for unscanned in [head.unscanned].compactMap(\.self) + overrides where unscanned.value < least.value {
                report(
                    unscanned,
                    "'unscanned: \(unscanned.value.rawValue)' is weaker than the locked policy's '\(least.value.rawValue)'",
                    help: "write '\(least.value.rawValue)' or something stronger, or remove it",
                    base: least.location,
                    locked: locked
                )
            }
        }
        if let screen = head.screen, let least = base.screen,
            screen.value.bar > least.value.bar || screen.value.principle != least.value.principle
        {
            report(
                screen,
                "the screen differs from the locked policy's, and may let more texts pass",
                help: "keep its principle and do not raise its bar, or remove 'screen'",
                base: least.location,
                locked: locked
            )
        }
    }

    private func report<Value>(
        _ place: Placed<Value>,
        _ message: String,
        help: String,
        base: SourceLocation,
        locked: SourceLocation
    ) {
        problems.add(
            .loosensLockedRule,
            at: place.location,
            path: place.path,
            message,
            help: help,
            notes: [
                .init(location: base, message: "what the locked policy says"),
                .init(location: locked, message: "locked here"),
            ]
        )
    }
}
