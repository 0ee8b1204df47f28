import Foundation
import GRDB

/// Comparison without regard to case in any script.
enum CaseFolding {
    static let name = "gatehouse_fold"

    static func fold(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping.lowercased()
    }

    static var function: DatabaseFunction {
        DatabaseFunction(name, argumentCount: 1, pure: true) { values in
            values.first.flatMap { String.fromDatabaseValue($0) }.map(fold)
        }
    }
}
