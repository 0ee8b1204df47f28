public import Foundation
public import Moderation

/// Counts over the records that pass a filter.
public struct AuditStats: Sendable, Codable, Hashable {
    /// How many records have one result.
    public struct ResultCount: Sendable, Codable, Hashable {
        /// The result.
        public var result: AuditResult
        /// How many records.
        public var count: Int
    }

    /// How often one rule asked for more than `allow`.
    public struct RuleCount: Sendable, Codable, Hashable {
        /// The rule.
        public var rule: String
        /// Times it asked to flag, as an enforced rule.
        public var flag: Int
        /// Times it asked to redact.
        public var redact: Int
        /// Times it asked to block.
        public var block: Int
        /// Times it asked for any of these as a shadow rule.
        public var shadow: Int
        /// Times that its detector could not answer, whatever followed.
        public var errors: Int
        /// Of the times that it acted and somebody said whether that was right, how many were; nil where nobody did.
        public var precision: Proportion?
        /// Times it asked for more than `allow`.
        public var fired: Int { flag + redact + block + shadow }
    }

    /// How the higher scores of one rule are spread.
    public struct ScoreHistogram: Sendable, Codable, Hashable {
        /// The rule.
        public var rule: String
        /// How many scores lie in each twentieth of 0...1, from 0 on.
        ///
        /// Of scores below ``least`` only those from which the rule asked for more than `allow` are counted.
        public var counts = Array(repeating: 0, count: 20)
        /// From which score on it flags, in the newest record.
        public var flag: Double?
        /// From which score on it blocks.
        public var block: Double?

        /// From which score on every one is counted.
        public static let least = 0.1

        mutating func add(_ score: Double) {
            counts[min(counts.count - 1, max(0, Int(score * Double(counts.count))))] += 1
        }
    }

    /// The records of one hour.
    public struct HourCount: Sendable, Codable, Hashable {
        /// When the hour begins, UTC.
        public var start: Date
        /// How many.
        public var counts: OutcomeCounts
    }

    /// The records of one tenant, or of whatever they are counted apart by.
    public struct GroupCount: Sendable, Codable, Hashable {
        /// Its name; empty where records have none.
        public var name: String
        /// How many.
        public var counts: OutcomeCounts
    }

    /// Time spent judging, in milliseconds.
    public struct Judging: Sendable, Codable, Hashable {
        /// Half of the records took at most this.
        public var median: Double
        /// 90 of 100 took at most this.
        public var p90: Double
        /// 99 of 100 took at most this.
        public var p99: Double
        /// The longest.
        public var most: Double
    }

    /// How many records.
    public var total: Int
    /// Time of the oldest; nil when there is none.
    public var first: Date?
    /// Time of the newest.
    public var last: Date?
    /// By result, in the order of ``AuditResult``; those that occur.
    public var results: [ResultCount]
    /// By rule, most often first; those that fired or failed.
    public var rules: [RuleCount]
    /// Scores by rule, in order of name; of rules that gave any that stand out.
    public var scores: [ScoreHistogram]
    /// By hour, oldest first; those that have records.
    public var hours: [HourCount]
    /// The busiest tenants, at most ten.
    public var tenants: [GroupCount]
    /// Records blocked because a detector could not answer.
    public var guardUnavailable: Int
    /// Records that a failed detector let pass.
    public var failedOpen: Int
    /// Time spent judging; nil when there is no record.
    public var judging: Judging?
}
