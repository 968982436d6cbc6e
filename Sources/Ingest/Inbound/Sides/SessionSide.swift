import EventModel
import EventSourcing
import JourneyDomain

/// What is said about conversations: Parlant's sessions and their events, and a neutral form for other engines.
///
/// A conversation of Parlant's has a stream of its own. When it walks for an execution, what matters to the execution is copied into the
/// execution's stream by the same append.
public struct SessionSide: InboundSide {
    /// The rules of both homes of a session.
    public typealias D = SessionsDecider

    /// The side.
    public init() {}

    /// `session`.
    public var kind: String { "session" }

    /// Yes: copies for the executions.
    public static var hasConsequences: Bool { true }

    /// Whether it claims to be a report of a session.
    public func recognises(_ payload: JSONValue) -> Bool { SessionReports.recognises(payload) }

    /// What was reported, and for which execution the session walks if the report says so.
    public func commands(
        in payload: JSONValue, isWhole: Bool, of message: InboundMessage
    ) throws(InboundRejection) -> [InboundCommand<SessionsDecider>] {
        let reports: [SessionReport]
        do throws(JourneyDomain.ReportFlaw) {
            reports = try SessionReports.read(payload, receivedAt: message.receivedAt)
        } catch {
            throw InboundRejection(error)
        }
        var commands: [InboundCommand<SessionsDecider>] = []
        for report in reports { commands += try Self.commands(of: report) }
        return commands
    }

    private static func commands(
        of report: SessionReport
    ) throws(InboundRejection) -> [InboundCommand<SessionsDecider>] {
        let stream = try stream(report.home)
        switch report.home {
        case .execution: return [InboundCommand(.execution(.report(report.inputs)), to: stream)]
        case .conversation(let session):
            let reported = InboundCommand<SessionsDecider>(.conversation(.report(report.inputs)), to: stream)
            guard let execution = report.execution else { return [reported] }
            _ = try Self.stream(.execution(execution))
            let binding = SessionBinding(execution: execution, engine: report.engine, session: session)
            return [reported, InboundCommand(.conversation(.bind(binding)), to: stream)]
        }
    }

    private static func stream(_ home: SessionStream) throws(InboundRejection) -> StreamName {
        do throws(NameFlaw) {
            return try StreamName(category: Category(home.category), key: home.key)
        } catch {
            throw InboundRejection(.malformed, error.description)
        }
    }

    /// What is copied into the streams of the executions that the conversation walks for.
    public func consequences(
        of command: SessionsDecider.Command, in stream: StreamName, events: [SessionsDecider.Event],
        behind state: SessionState
    ) -> [CommandConsequence<SessionsDecider>] {
        switch command {
        case .execution: []
        case .conversation:
            SessionCopies.copies(of: events.map(\.fact), behind: state).compactMap { copy in
                guard let other = try? Self.stream(.execution(copy.execution)) else { return nil }
                return CommandConsequence(.execution(.accept(copy.facts)), in: other, cause: copy.cause)
            }
        }
    }
}

extension InboundRejection {
    init(_ flaw: JourneyDomain.ReportFlaw) {
        switch flaw {
        case .json: self.init(.notJSON, flaw.description)
        case .unrecognised: self.init(.unknownForm, flaw.description)
        case .tooLarge, .tooMany: self.init(.tooLarge, flaw.description)
        case .missing, .wrongType, .tooLong, .outOfRange, .illegalID, .unknownMember, .sealed:
            self.init(.malformed, flaw.description)
        }
    }
}
