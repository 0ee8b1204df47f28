import Foundation
import Moderation

/// Shows decisions to a reviewer.
public enum ReviewText {
    /// What stands above a decision's report: how near it came to which threshold.
    public static func heading(_ item: ReviewItem, place: Int, of total: Int, isColoured: Bool = false) -> String {
        let ink = Ink(isColoured: isColoured)
        var line = ink.bold("\(place) of \(total)")
        if let nearest = item.nearest {
            let distance = AuditNumber.score(nearest.distance)
            let side = nearest.score < nearest.threshold ? "below" : "above"
            line +=
                "  \(TerminalText.line(nearest.rule)) \(AuditNumber.score(nearest.score)) is \(distance) \(side) where it"
                + " would \(nearest.outcome.rawValue)"
        }
        return line + "\n"
    }

    /// The decisions as one JSON array: each the record as `audit show` gives it, under `decision`, and what it came nearest to.
    public static func json(_ items: [ReviewItem]) throws -> String {
        let lines = try items.map { item in
            let nearest = try item.nearest.map { nearest throws -> String in try AuditJSON.text(nearest) } ?? "null"
            return "{\"decision\":\(try AuditJSON.line(item.entry)),\"nearest\":\(nearest)}"
        }
        return lines.isEmpty ? "[]\n" : "[\n" + lines.joined(separator: ",\n") + "\n]\n"
    }
}
