import EventModel
import WorkflowDomain

/// What the comparison of an execution's two sides has found about one field, or about a member of its data. Of fields that nothing has happened to
/// there is no finding.
public struct Finding: Equatable, Sendable {
    /// What kind of difference it is. The names are stable.
    public enum Kind: String, Sendable, CaseIterable {
        /// Both sides say something new, and the same.
        case agreed
        /// One side says something new about what the other has no words for.
        case told
        /// One side has moved on, and the other is where both were.
        case changed
        /// The journey has passed a block at which the workflow still waits for a person.
        case waitPassed = "wait_passed"
        /// A block was reached that has no state in the mapping, or a variable was given that has no key.
        case unmapped
        /// Both have moved, to different places.
        case conflict
        /// The sides cannot be compared, because what one of them says is sealed or erased for whoever compares.
        case unreadable

        /// Whether a rule or a person decides what is to be so.
        var isDecided: Bool {
            switch self {
            case .changed, .waitPassed, .conflict: true
            case .agreed, .told, .unmapped, .unreadable: false
            }
        }
    }

    /// The field, or the member of its data.
    public let path: FieldPath
    /// What kind of difference it is.
    public let kind: Kind
    /// The side that has told, changed or passed something, or that says more of what both agree on; `nil` where neither has done more than the other.
    public let side: Side?
    /// What both agreed on last.
    public let base: FieldValue?
    /// What the workflow says.
    public let workflow: FieldValue?
    /// What the journey says.
    public let journey: FieldValue?
    /// Where the workflow said so.
    public let workflowOrigin: Origin?
    /// Where the journey said so.
    public let journeyOrigin: Origin?

    /// Whether the sides differ, so that something has to be done about it. What is an accepted difference is not found at all.
    public var isDivergence: Bool {
        switch kind {
        case .agreed, .told, .unmapped: false
        case .changed, .waitPassed, .conflict, .unreadable: true
        }
    }

    /// What a side says.
    public subscript(_ side: Side) -> FieldValue? {
        switch side {
        case .workflow: workflow
        case .journey: journey
        }
    }
}

extension Finding: CustomStringConvertible {
    /// One sentence for people, without the data itself: that may be personal.
    public var description: String { sentence(naming: "\(path)") }

    /// ``description`` with another name for the field: names inside of data may be personal as well.
    public func sentence(naming path: String) -> String {
        switch kind {
        case .agreed: "both sides say of \(path) that it is \(Self.told(workflow ?? journey))"
        case .told:
            "\(named) says of \(path) that it is \(Self.told(side.flatMap { self[$0] })); the other side has no words for it"
        case .changed:
            "\(named) says of \(path) that it is \(Self.told(side.flatMap { self[$0] })); the other side is where both were, at \(Self.told(base))"
        case .waitPassed: "the journey has passed \(path), at which the workflow still waits"
        case .unmapped: "\(named) has come to \(path), which the mapping does not know"
        case .conflict:
            "both sides have moved \(path) from \(Self.told(base)): the workflow to \(Self.told(workflow)), the journey to \(Self.told(journey))"
        case .unreadable: "\(path) cannot be compared: it is sealed or erased"
        }
    }

    private var named: String { side.map { "the \($0.rawValue)" } ?? "nobody" }

    private static func told(_ value: FieldValue?) -> String {
        switch value {
        case nil: "nothing"
        case .status(let status)?: status.rawValue
        case .step(let status)?: status.rawValue
        case .content(.null)?: "null"
        case .content(let data)?: data.array != nil || data.object != nil ? "an \(data.kind)" : "a \(data.kind)"
        case .hidden?: "something hidden"
        }
    }
}
