import EventModel
import Reconciliation
import WorkflowDomain

/// What a person gives as the value that is to stand: a word where the field holds words, JSON where it holds data.
struct GivenValue: Sendable {
    private static let shownCharacters = 60

    private let text: String
    private let json: JSONValue?
    private let flaw: String?

    /// - Throws: ``Failure`` with status 2 for a text that is neither JSON nor could be a word. Which words there are, the field says.
    init(_ text: String) throws(Failure) {
        self.text = text
        do throws(JSONFlaw) {
            (json, flaw) = (try JSONValue(text: text), nil)
        } catch {
            (json, flaw) = (nil, "\(error)")
            guard Self.isLikeAWord(text) else { throw noJSON }
        }
    }

    /// The value as one of a field.
    ///
    /// - Throws: ``Failure`` with status 2 for what the field cannot be.
    func value(of path: FieldPath) throws(Failure) -> FieldValue {
        let word = json?.string ?? (json == nil ? text : nil)
        switch path.root {
        case .status:
            guard let status = word.flatMap(ExecutionStatus.init) else {
                throw noWord(for: "the status of an execution", of: Self.statuses)
            }
            return .status(status)
        case .steps:
            guard let status = word.flatMap(VisitStatus.init) else { throw noWord(for: "a step", of: Self.steps) }
            return .step(status)
        case .variables, .inputs, .outputs, .error:
            guard let json else { throw noJSON }
            return FieldValue(json)
        }
    }

    private static func isLikeAWord(_ text: String) -> Bool {
        (1...wordBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
    }

    /// Bytes of a text that is taken for a word.
    private static let wordBytes = 40
    private static let statuses = ExecutionStatus.allCases.map(\.rawValue)
    private static let steps = VisitStatus.allCases.map(\.rawValue)

    private var noJSON: Failure {
        Failure(
            .usage, "--value is no JSON: \(flaw ?? "it is a word")", hint: "a text needs quotes of its own: '\"text\"'")
    }

    private func noWord(for thing: String, of words: [String]) -> Failure {
        Failure(
            .usage, "--value is \(Table.printable(text, cutAt: Self.shownCharacters)), which is no word for \(thing)",
            hint: "choose \(words.joined(separator: ", "))")
    }
}
