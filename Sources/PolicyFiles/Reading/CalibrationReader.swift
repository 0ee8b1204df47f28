internal import Moderation

/// Reads what `gatehouse policy calibrate` wrote.
struct CalibrationReader {
    let problems: ProblemList

    /// Whether the rule was calibrated; what is wrong has been told.
    func read(_ rule: MappingReader) -> Bool {
        let format = PolicyFormat.calibrated
        guard let node = rule.node("calibrated"),
            let keys = MappingReader(node, path: rule.path(of: "calibrated"), format: format, problems: problems)
        else { return false }
        let before = problems.errors
        for key in format.keys {
            if case .required = key.absence {
                keys.reportMissing(key.name, help: "run 'gatehouse policy calibrate', which writes it")
            }
        }
        for key in ["false_positive_rate", "recall"] { _ = keys.fraction(key) }
        _ = keys.count("rows", least: 1)
        for key in ["date", "model"] { _ = keys.label(key) }
        checkInterval(keys)
        return !problems.hasErrors(since: before)
    }

    private func checkInterval(_ keys: MappingReader) {
        guard let items = keys.list("interval") else { return }
        let path = keys.path(of: "interval")
        let ends = items.enumerated().compactMap { keys.fraction($1, path: "\(path)[\($0)]") }
        guard ends.count == items.count else { return }
        guard ends.count == 2, ends[0] <= ends[1] else {
            keys.report(
                .outOfRange,
                "interval",
                "expected the lowest and the highest rate",
                help: "write two numbers, such as [0.003, 0.017]"
            )
            return
        }
    }
}
