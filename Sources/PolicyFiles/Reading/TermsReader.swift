internal import Moderation

/// Reads the terms of a rule, those in the policy file and those in files of their own.
struct TermsReader {
    let sources: PolicySources
    let problems: ProblemList

    /// The terms; nil, which has then been told, when they can't be used.
    func read(_ keys: MappingReader) -> Detection? {
        let match = keys.choice("match", noun: "a way to match") ?? TermMatch.word
        let language = LanguageReader(problems: problems).language(keys, "language") ?? "en"
        let before = problems.errors
        var lists: [TermList] = []
        if let terms = keys.texts("terms", mayBeEmpty: true), let items = keys.list("terms") {
            lists.append(TermList(language: language, terms: terms))
            let places = items.enumerated().map { index, item in
                Place(location: item.location, path: "\(keys.path(of: "terms"))[\(index)]")
            }
            check(terms, language: language, match: match, places: places)
        }
        for (index, item) in (keys.list("terms_from") ?? []).enumerated() {
            let path = "\(keys.path(of: "terms_from"))[\(index)]"
            guard let name = keys.text(item, path: path),
                let file = sources.terms(at: name, from: item.location, path: path)
            else { continue }
            let language = file.language ?? language
            lists.append(TermList(language: language, terms: file.terms))
            let places = file.locations.map { Place(location: $0, path: path) }
            check(file.terms, language: language, match: match, places: places)
        }
        guard !lists.isEmpty, !problems.hasErrors(since: before) else { return nil }
        return .terms(Terms(lists: lists, match: match))
    }

    private struct Place {
        var location: SourceLocation
        var path: String
    }

    /// Asks the detectors whether the terms can work, all at once, and without a bad one again, so that each is told.
    private func check(_ terms: [String], language: String, match: TermMatch, places: [Place]) {
        var terms = terms
        var places = places
        for _ in 0..<Self.mostProblems where !terms.isEmpty {
            do throws(DetectionError) {
                let list = TermList(language: language, terms: terms)
                _ = try sources.detectors.detector(for: .terms(Terms(lists: [list], match: match)))
                return
            } catch {
                guard terms.indices.contains(error.item) else { return }
                let place = places[error.item]
                problems.add(.invalidDetection, at: place.location, path: place.path, error.message, help: error.help)
                terms.remove(at: error.item)
                places.remove(at: error.item)
            }
        }
    }

    /// After so many bad terms in one list, the others are not told.
    private static let mostProblems = 20
}
