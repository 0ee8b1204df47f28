public import Moderation

/// Reads many decisions as fast as the store can: no texts, no JSON, no object for each value.
public protocol RecordedScan: Sendable {
    /// Places in the store, from the first record of the span to the last; nil when there is none.
    var sequences: ClosedRange<Int64>? { get }

    /// Reads a piece on a connection of its own, in order of place.
    ///
    /// Blocks until it is read.
    ///
    /// - Parameter body: given each decision, and what its indices stand for so far; names are only ever added.
    func read(_ piece: ClosedRange<Int64>, _ body: (RecordedDecision, RecordedNames) -> Void) throws(AuditError)
}

extension RecordedScan {
    /// The span in pieces of about the same length, in order, which may be read at the same time.
    public func pieces(_ count: Int) -> [ClosedRange<Int64>] {
        guard let sequences else { return [] }
        let total = sequences.upperBound - sequences.lowerBound + 1
        let length = max(1, (total + Int64(count) - 1) / Int64(count))
        return stride(from: sequences.lowerBound, through: sequences.upperBound, by: Int64.Stride(length)).map {
            $0...min($0 + length - 1, sequences.upperBound)
        }
    }
}
