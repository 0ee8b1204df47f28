internal import Moderation

/// Compares what two policies say as a whole.
struct HeadComparison {
    private var values = ValueComparison()

    /// What was found.
    var differences: [PolicyDifference] { values.differences }

    init(_ before: PolicySet, _ after: PolicySet) {
        values.reply(before.reply, after.reply)
        values.word("unscanned", before.unscanned, after.unscanned, strength: \.strength)
        switch (before.screen, after.screen) {
        case (nil, nil): break
        case (nil, let new?):
            values.add("screen", nil, "\(new.bar)", .looser, "a screen was added, which may answer for screened rules")
        case (let old?, nil):
            values.add("screen", "\(old.bar)", nil, .stricter, "the screen was removed; every rule is always asked")
        case (let old?, let new?):
            if old.principle != new.principle {
                values.add("screen.principle", old.principle, new.principle, .other, "screen reworded")
            }
            if old.bar != new.bar {
                let effect: PolicyDifference.Effect = new.bar < old.bar ? .stricter : .looser
                values.add(
                    "screen.bar",
                    "\(old.bar)",
                    "\(new.bar)",
                    effect,
                    "bar of the screen \(old.bar) → \(new.bar)"
                )
            }
        }
    }
}
