import EventModel
import FoundationEssentials

/// What happens to the conversions of one workflow or journey; stream `conversion-<id>`.
public enum ConversionEvent: Equatable, Sendable {
    /// A conversion of a certain content began.
    case started(ConversionStarted)
    /// One of its steps is done.
    case stepCompleted(ConversionStepCompleted)
    /// Its result is stored.
    case completed(ConversionCompleted)
    /// It ended without a result.
    case failed(ConversionFailed)
    /// What its result means for live sessions.
    case pathsMigrated(ConversionPathsMigrated)
}

/// A conversion of a certain content began.
public struct ConversionStarted: Equatable, Sendable {
    /// The conversion; derived from what is converted, so that starting again is the same conversion.
    public let run: UUID
    /// Which way it goes.
    public let direction: ConversionDirection
    /// The workflow or journey that is converted.
    public let sourceID: String
    /// The digest of its definition.
    public let sourceDigest: ContentDigest
    /// The version of the rules it is converted by.
    public let rules: Int

    /// The event.
    public init(run: UUID, direction: ConversionDirection, sourceID: String, sourceDigest: ContentDigest, rules: Int) {
        self.run = run
        self.direction = direction
        self.sourceID = sourceID
        self.sourceDigest = sourceDigest
        self.rules = rules
    }
}

/// One step of a conversion is done.
public struct ConversionStepCompleted: Equatable, Sendable {
    /// The conversion.
    public let run: UUID
    /// The step.
    public let step: ConversionStep
    /// What it counted, by name.
    public let counts: JSONObject

    /// The event.
    public init(run: UUID, step: ConversionStep, counts: JSONObject) {
        self.run = run
        self.step = step
        self.counts = counts.canonicalized
    }
}

/// The result of a conversion is stored.
public struct ConversionCompleted: Equatable, Sendable {
    /// The conversion.
    public let run: UUID
    /// The journey or workflow that it made.
    public let resultID: String
    /// The digest of its definition.
    public let resultDigest: ContentDigest
    /// The mapping between both, and its version.
    public let mappingVersion: Int
    /// What was mapped to what, and what has no native form.
    public let report: JSONValue

    /// The event.
    public init(
        run: UUID, resultID: String, resultDigest: ContentDigest, mappingVersion: Int, report: JSONValue
    ) {
        self.run = run
        self.resultID = resultID
        self.resultDigest = resultDigest
        self.mappingVersion = mappingVersion
        self.report = report.canonicalized
    }
}

/// A conversion ended without a result.
public struct ConversionFailed: Equatable, Sendable {
    /// The conversion.
    public let run: UUID
    /// The step in which it ended.
    public let step: ConversionStep
    /// A stable word for the reason.
    public let code: String
    /// The reason in a sentence.
    public let message: String
    /// What was found wrong, at most ``ConversionRunLimits/findings``, as `{code, severity, place, message, cure}`.
    public let findings: [JSONValue]

    /// The event; findings beyond the limit are left out.
    public init(run: UUID, step: ConversionStep, code: String, message: String, findings: [JSONValue] = []) {
        self.run = run
        self.step = step
        self.code = code
        self.message = message
        self.findings = findings.prefix(ConversionRunLimits.findings).map(\.canonicalized)
    }
}

/// How much of conversions is kept.
public enum ConversionRunLimits {
    /// Sessions in a `conversion.paths_migrated`; more of them are told in several events.
    public static let migrationsInPart = 200
    /// Bytes of the sessions in a `conversion.paths_migrated`, unless one alone has more.
    public static let migrationPartBytes = 512 * 1024
    /// Bytes of one session's migration; a longer path is not carried over.
    public static let migrationBytes = 512 * 1024
    /// Findings in a `conversion.failed`.
    public static let findings = 200
    /// Bytes of a report in a `conversion.completed`; a longer one is replaced by its counts.
    public static let reportBytes = 512 * 1024
    /// Conversions that a state remembers one by one; older ones are in the log alone.
    public static let rememberedRuns = 100
}
