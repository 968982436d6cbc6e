import Conversion
import EventModel
import FoundationEssentials

/// What is to be converted, and how.
public struct ConversionRequest: Sendable, Hashable {
    /// Which way.
    public var direction: ConversionDirection
    /// The workflow or journey, by its id in the log.
    public var id: String
    /// Whether errors that validation finds in source or result are tolerated.
    public var toleratesErrors: Bool
    /// Whether a target that was changed since the last conversion is replaced. What it was stays in its stream.
    public var replacesChanges: Bool

    /// A request.
    public init(
        _ direction: ConversionDirection, of id: String, toleratesErrors: Bool = false, replacesChanges: Bool = false
    ) {
        self.direction = direction
        self.id = id
        self.toleratesErrors = toleratesErrors
        self.replacesChanges = replacesChanges
    }
}

/// What a conversion has come to.
public struct ConversionAnswer: Sendable {
    /// What was done.
    public enum Outcome: String, Sendable {
        /// It was carried out and its result stored.
        case converted
        /// The same content was converted before, by the same rules; nothing was to be done.
        case unchanged
    }

    /// What was done.
    public let outcome: Outcome
    /// What was converted.
    public let started: ConversionStarted
    /// The result.
    public let completed: ConversionCompleted
    /// The last position of what was stored; `nil` when nothing was.
    public let position: GlobalPosition?
    /// What validation remarked, when the conversion was carried out now.
    public let findings: [Finding]
    /// What the conversion means for each session that is on its way through the journey, when it has changed the journey's structure.
    public internal(set) var migrations: [SessionMigration] = []
}

/// Why a conversion has no result.
public enum ConversionFault: Error, Sendable {
    /// There is no such workflow or journey in the log.
    case unknownSource(ConversionDirection, id: String)
    /// The id cannot be one of the kind.
    case illegalID(String, limit: String)
    /// Values of the source are sealed for this reader, or erased: what is not seen cannot be converted. How many, if that is known.
    case hiddenSource(id: String, values: Int?)
    /// It was refused; the refusal is on record.
    case refused(ConversionPlan.Refusal)
    /// The target was changed on its own side since the last conversion.
    case targetChanged(id: String, digest: ContentDigest)
    /// The log failed, or others kept writing.
    case failed(any Error)
}

extension ConversionFault: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unknownSource(.toJourney, let id): "the log holds no workflow \"\(id)\"; import it first"
        case .unknownSource(.toWorkflow, let id): "the log holds no journey \"\(id)\"; import it first"
        case .illegalID(let id, let limit): "\"\(id.prefix(80))\" cannot be an id here: \(limit)"
        case .hiddenSource(let id, let values):
            "\(values.map { "\($0) values" } ?? "texts") of \"\(id)\" are sealed or erased; convert it with the right to see them, or import it anew"
        case .refused(let refusal): "\(refusal.message); correct the findings, or tolerate errors"
        case .targetChanged(let id, _):
            "\"\(id)\" was changed on its own side since the last conversion; convert it back first, or say that the change is to be replaced"
        case .failed(let error): "\(error)"
        }
    }
}
