import EventModel
import WorkflowDomain

/// What a side can be told, as its connector declares it: plain data, known before anything is compared. Declarations are tried in order, the first that
/// is about a field counts; what none is about can only be read.
public struct Capabilities: Sendable, Hashable {
    /// Whether a field can be set from outside.
    public enum Settability: Sendable, Hashable {
        /// At any time.
        case settable
        /// While the side stands so.
        case settableWhen(Set<ExecutionStatus>)
        /// Never.
        case readOnly
    }

    /// What a side can be told about some fields.
    public struct Declaration: Sendable, Hashable {
        /// The fields.
        public let pattern: PathPattern
        /// Whether they can be set.
        public let settability: Settability
        /// The only words that it can be told; `nil` for whatever it is, also for nothing any more.
        public let words: Set<String>?
        /// Whether only the block can be told of at which the side waits.
        public let isOnlyWhereItWaits: Bool
        /// Why, in one sentence for people.
        public let because: String

        /// A declaration by its parts.
        public init(
            _ pattern: PathPattern, _ settability: Settability, only words: Set<String>? = nil,
            whereItWaits isOnlyWhereItWaits: Bool = false, because: String
        ) {
            self.pattern = pattern
            self.settability = settability
            self.words = words
            self.isOnlyWhereItWaits = isOnlyWhereItWaits
            self.because = because
        }
    }

    /// The declarations, in the order in which they are tried.
    public let declarations: [Declaration]

    /// These declarations.
    public init(_ declarations: [Declaration]) { self.declarations = declarations }

    /// Everything can be told at any time: for comparisons that are carried out nowhere.
    public static let everything = Capabilities([
        Declaration(.everything, .settable, because: "nothing is carried out, so nothing can be refused")
    ])

    /// What is declared about a field, or a member of its data; `nil` when nothing is.
    public func declaration(about path: FieldPath) -> Declaration? {
        declarations.first { $0.pattern.matches(path) }
    }

    /// Whether a field, or a member of its data, can be set.
    public func settability(of path: FieldPath) -> Settability { declaration(about: path)?.settability ?? .readOnly }

    /// Whether the side can be told, as it stands, that a field holds a value.
    ///
    /// - Parameters:
    ///   - value: in the side's own words; `nil` for nothing any more.
    ///   - status: how the side stands; `nil` when that is not known: then what depends on it cannot be told.
    ///   - block: where the side waits, if it does.
    public func canTell(
        _ path: FieldPath, _ value: FieldValue?, at status: ExecutionStatus?, waitingAt block: ElementID? = nil
    ) -> Bool {
        guard value?.holdsHidden != true, let declared = declaration(about: path) else { return false }
        switch declared.settability {
        case .settable: break
        case .settableWhen(let statuses): guard let status, statuses.contains(status) else { return false }
        case .readOnly: return false
        }
        if declared.isOnlyWhereItWaits, block == nil || path.names.first != block { return false }
        return declared.words.map { words in value?.word.map(words.contains) ?? false } ?? true
    }
}

extension FieldValue {
    /// The word that a status or a step is; `nil` for data.
    var word: String? {
        switch self {
        case .status(let status): status.rawValue
        case .step(let status): status.rawValue
        case .content, .hidden: nil
        }
    }
}

extension Capabilities.Declaration: CustomStringConvertible {
    /// What can be told, without the reason: `steps/* completed while it is waiting, of the block where it waits`.
    public var description: String {
        var text = "\(pattern)"
        if let words { text += " " + words.sorted().joined(separator: " or ") }
        switch settability {
        case .settable: text += " at any time"
        case .settableWhen(let statuses):
            let named = ExecutionStatus.allCases.filter(statuses.contains).map(\.rawValue)
            text += " while it is " + named.joined(separator: " or ")
        case .readOnly: return text + " never"
        }
        return isOnlyWhereItWaits ? text + ", of the block where it waits" : text
    }
}
