/// Which state of a journey somebody has seen. It changes with every change, whoever makes it; beyond equality it says nothing.
public struct JourneyVersion: Sendable, Hashable, CustomStringConvertible {
    /// The version as the server spells it.
    public let text: String

    /// The version `text`.
    public init(_ text: String) { self.text = text }

    /// The version.
    public var description: String { text }
}

/// The version that a change is meant for.
public enum ExpectedJourneyVersion: Sendable, Hashable {
    /// Exactly this one; otherwise the change is refused.
    case exactly(JourneyVersion)
    /// Whatever is there is overwritten.
    case any

    /// The version as our module takes it.
    var text: String {
        switch self {
        case .exactly(let version): version.text
        case .any: "*"
        }
    }
}
