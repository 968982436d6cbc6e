import Conversion
import EventModel
import FoundationEssentials
import JourneyDomain
import WorkflowDomain

/// What is to be converted, and how.
public struct ConversionRequest: Sendable, Equatable {
    /// Which way.
    public let direction: ConversionDirection
    /// The workflow or journey, by its id in the log.
    public let id: String
    /// What is to be imported with it; `nil` to convert what the log holds.
    public let content: ConversionContent?
    /// Whether errors that validation finds in source or result are tolerated.
    public var toleratesErrors: Bool
    /// Whether a target that was changed since the last conversion is replaced, and so is a source that was changed since the content that is
    /// brought was taken from it. What they were stays in their streams.
    public var replacesChanges: Bool

    /// Converts what the log holds.
    public init(
        _ direction: ConversionDirection, of id: String, toleratesErrors: Bool = false, replacesChanges: Bool = false
    ) {
        self.direction = direction
        self.id = id
        content = nil
        self.toleratesErrors = toleratesErrors
        self.replacesChanges = replacesChanges
    }

    /// Imports `content` and converts it: both, or neither.
    public init(importing content: ConversionContent, toleratesErrors: Bool = false, replacesChanges: Bool = false) {
        direction = content.direction
        id = content.id
        self.content = content
        self.toleratesErrors = toleratesErrors
        self.replacesChanges = replacesChanges
    }
}

/// A definition that is brought along to be imported and converted.
public enum ConversionContent: Sendable, Equatable {
    /// A workflow becomes a journey.
    case workflow(WorkflowReading)
    /// A journey becomes a workflow.
    case journey(JourneyReading)

    /// Which way it goes.
    public var direction: ConversionDirection {
        switch self {
        case .workflow: .toJourney
        case .journey: .toWorkflow
        }
    }

    /// Its id in the log.
    public var id: String {
        switch self {
        case .workflow(let reading): reading.id.text
        case .journey(let reading): reading.id.text
        }
    }

    /// The definition's digest.
    public var digest: ContentDigest {
        switch self {
        case .workflow(let reading): reading.digest
        case .journey(let reading): reading.digest
        }
    }

    /// How many bytes the file has that is to be kept.
    var originalBytes: Int {
        switch self {
        case .workflow(let reading): reading.original.count
        case .journey(let reading): reading.original?.count ?? 0
        }
    }

    /// What it was made from, if it says so.
    var base: ContentDigest? {
        switch self {
        case .workflow: nil
        case .journey(let reading): reading.base
        }
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
    /// What was converted: its digest is that of the content which result and mapping belong to.
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
    /// The source was changed by the other side since the content that was brought was taken from it. `digest` is what it is now.
    case sourceChanged(id: String, digest: ContentDigest)
    /// The rule of workflows, journeys or mappings refuses what was to be stored, for this reason; that is on record.
    case rejected(String)
    /// The log failed, or others kept writing.
    case failed(any Error)
}

extension ConversionPlan.Refusal {
    /// What to do.
    public var cure: String {
        isTolerable ? "correct the findings, or tolerate errors" : findings.first?.cure ?? "correct what is converted"
    }
}

extension ConversionFault: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unknownSource(.toJourney, let id): "the log holds no workflow \"\(id)\"; import it first"
        case .unknownSource(.toWorkflow, let id): "the log holds no journey \"\(id)\"; import it first"
        case .illegalID(let id, let limit):
            "\"\(id.prefix(80))\(id.count > 80 ? "… (\(id.count) characters)" : "")\" cannot be an id here: \(limit)"
        case .hiddenSource(let id, let values):
            "\(values.map { $0 == 1 ? "1 value" : "\($0) values" } ?? "texts") of \"\(id)\" \(values == 1 ? "is" : "are") sealed or erased; convert it with the right to see them, or import it anew"
        case .refused(let refusal): "\(refusal.message); \(refusal.cure)"
        case .targetChanged(let id, _):
            "\"\(id)\" was changed on its own side since the last conversion; convert it back first, or say that the change is to be replaced"
        case .sourceChanged(let id, _):
            "\"\(id)\" was changed by a conversion from the other side since this was taken from it; export it again and repeat the edit, or say that the change is to be replaced"
        case .rejected(let reason): reason
        case .failed(let error): "\(error)"
        }
    }
}

/// How much goes into one append of a conversion.
public enum ConversionLimits {
    /// Bytes of an imported file that are kept by the append that stores the result; a larger file is imported by an append of its own before.
    /// Definition, mapping, result and report take up to 4 MiB of an append's 8, and sealing makes sixteen bytes of nine.
    public static let joinedOriginalBytes = 4 * OriginalLimits.partBytes
}
