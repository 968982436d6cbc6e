import Connecting
import EventModel
import JourneyDomain
import Reconciliation

/// The journey's side of executions that sessions of a Parlant server walk for, for whoever carries effects out: it forces paths and posts custom events.
public struct ParlantSide: SideConnector {
    private let connector: ParlantConnector

    /// The side that `connector` reaches.
    public init(_ connector: ParlantConnector) { self.connector = connector }

    /// What every Parlant with our module can be told; known without one.
    public static let declared = Capabilities.parlant

    /// ``declared``
    public var capabilities: Capabilities { Self.declared }

    /// As the protocol says. A path is forced only while the session is where it was when that was decided; a custom event is looked for before it is posted,
    /// behind what was heard when that was decided. Where more was said since than can be looked through, it is not posted: what is decided next is looked for
    /// behind that.
    public func carryOut(_ errand: Errand) async -> ErrandAnswer {
        guard let session = errand.session else { return .refused(because: "nobody has said which session it is") }
        let order: Order
        do throws(ParlantError) {
            switch try await look(errand, session) {
            case .answer(let answer): return answer
            case .order(let next): order = next
            }
        } catch {
            // Nothing was ordered yet. What is too large stays so.
            guard case .unknown(let because) = Self.answer(error) else { return Self.answer(error) }
            return .unavailable(because: because)
        }
        guard errand.isTimely(at: connector.requester.time.now()) else {
            return .unavailable(because: "it is too late to order this")
        }
        do throws(ParlantError) {
            switch order {
            case .force(let paths, let place): try await connector.force(session, paths: paths, ifAt: place)
            case .post(let message): try await connector.postCustomEvent(message, to: session)
            }
            return .done
        } catch .movedOn {
            // It went on between the look and the order: the next look decides anew.
            return .notNow(because: "the conversation has just moved")
        } catch {
            return Self.answer(error)
        }
    }

    /// As the protocol says.
    public func probe(_ errand: Errand) async -> ProbeAnswer {
        guard let session = errand.session else {
            return .untellable(because: "nobody has said which session it is")
        }
        do throws(ParlantError) {
            switch errand.effect.action {
            case .enter(let journey, let state, _):
                return try await connector.state(of: session).paths[journey]?.current == state ? .found : .absent
            case .leave(let journey, _):
                return Self.isOutside(try await connector.state(of: session).paths[journey]) ? .found : .absent
            case .tell: return try await isTold(errand, in: session) ? .found : .absent
            case .close, .resume, .cancel: return .untellable(because: "no conversation does that")
            }
        } catch {
            switch error {
            // What a session is too large for today it is too large for tomorrow.
            case .notFound, .invalid, .tooLarge: return .untellable(because: error.reason)
            case .unavailable, .timedOut, .unknownOutcome, .malformed, .moduleMissing, .cancelled, .conflict,
                .exists, .needsRecreation, .movedOn, .turnInProgress, .bound, .manualMode, .refused:
                return .unavailable(because: error.reason)
            }
        }
    }

    // MARK: Looks

    private enum Order {
        case force([JourneyID: [ElementID?]], ifAt: SessionPlace)
        case post(JSONValue)
    }

    /// What the look right before an order has come to.
    private enum Look {
        case answer(ErrandAnswer)
        case order(Order)
    }

    private func look(_ errand: Errand, _ session: String) async throws(ParlantError) -> Look {
        switch errand.effect.action {
        case .enter(let journey, let state, let from): try await look(session, journey, from: from, to: state)
        case .leave(let journey, let from): try await look(session, journey, from: from, to: nil)
        case .tell(let told):
            try await isTold(errand, in: session)
                ? .answer(.done) : .order(.post(["lockstep": .object(told.message(of: errand.effect.id))]))
        case .close, .resume, .cancel: .answer(.refused(because: "no conversation does that"))
        }
    }

    // MARK: Places

    private func look(
        _ session: String, _ journey: String, from: ElementID?, to state: ElementID?
    ) async throws(ParlantError) -> Look {
        guard let id = JourneyID(journey) else {
            return .answer(.refused(because: "the journey's id cannot be sent"))
        }
        let present = try await connector.state(of: session)
        // Before all else: the place that is shown meanwhile is the one before the turn.
        guard !present.isBusy else { return .answer(.notNow(because: "a turn is under way")) }
        let path = present.paths[journey]
        if state == nil ? Self.isOutside(path) : path?.current == state { return .answer(.done) }
        guard Self.isOutside(path) ? from == nil : path?.current == from else {
            return .answer(.movedOn(because: "the conversation stands elsewhere by now"))
        }
        return .order(.force([id: Self.way(path) + [state]], ifAt: present.place))
    }

    private static func isOutside(_ path: ParlantSessionState.Path?) -> Bool {
        path?.steps.last.map { $0.index == nil } ?? true
    }

    /// The states so far, without where it left the journey, which can be said at the end of a way only; none of them where a step has no state any more,
    /// because the way cannot be said again then.
    private static func way(_ path: ParlantSessionState.Path?) -> [ElementID?] {
        guard let steps = path?.steps, steps.allSatisfy({ $0.index == nil || $0.state != nil }) else { return [] }
        return steps.compactMap(\.state)
    }

    // MARK: Messages

    /// Looks for an effect behind what was heard when it was decided.
    ///
    /// - Throws: ``ParlantError/tooLarge(limit:)`` where there is more, so that nobody can say that it is not there.
    private func isTold(_ errand: Errand, in session: String) async throws(ParlantError) -> Bool {
        let id = errand.effect.id.uuidString.lowercased()
        var offset = errand.effect.premise?.firstUnheard ?? 0
        for _ in 0..<ParlantLimits.pagesLookedThrough {
            switch try await connector.events(of: session, from: offset) {
            case .none: return false
            case .sessionGone: throw .notFound(.session(session))
            case .some(let page):
                if page.events.contains(where: { $0["data"]?["lockstep"]?["effect"]?.string == id }) { return true }
                guard page.isCut else { return false }
                offset = page.next
            }
        }
        throw .tooLarge(limit: ParlantLimits.pagesLookedThrough * ParlantLimits.eventsPerPage)
    }

    private static func answer(_ error: ParlantError) -> ErrandAnswer {
        switch error {
        case .turnInProgress: .notNow(because: error.reason)
        case .unavailable, .timedOut, .moduleMissing: .unavailable(because: error.reason)
        // A wrong URL, or a key that a proxy asks for, is mended by whoever runs the process; then the effect is as good as ever.
        case .refused(300..<400, _), .refused(401...403, _): .unavailable(because: error.reason)
        // The server failed, nobody knows how far it had come.
        case .refused(500..., _): .unknown(because: error.reason)
        case .unknownOutcome, .malformed, .cancelled: .unknown(because: error.reason)
        case .movedOn, .bound, .manualMode: .movedOn(because: error.reason)
        case .tooLarge, .notFound, .conflict, .exists, .needsRecreation, .invalid, .refused:
            .refused(because: error.reason)
        }
    }
}

extension Effect.Premise {
    /// The first offset at which nobody has heard the conversation.
    fileprivate var firstUnheard: Int? {
        guard case .heard(let offset) = self, offset < .max else { return nil }
        return offset + 1
    }
}

extension ParlantError {
    /// Why, in words of ours alone: what Parlant says may quote what it was sent, and reasons are kept for ever.
    var reason: String {
        switch self {
        case .unavailable: "Parlant is not available"
        case .timedOut: "Parlant did not answer in time"
        case .unknownOutcome: "Parlant's answer was not heard"
        case .tooLarge: "what Parlant answers is too large"
        case .malformed: "Parlant's answer is not understood"
        case .moduleMissing: "Parlant runs without our module"
        case .cancelled: "the request was broken off"
        case .notFound: "Parlant has no such session"
        case .conflict, .exists, .needsRecreation: "Parlant is in another state than was expected"
        case .movedOn: "the conversation stands elsewhere by now"
        case .turnInProgress: "a turn is under way"
        case .bound: "the session belongs to another execution"
        case .manualMode: "a person has taken the session over"
        case .invalid(let problems): "Parlant refused: \(problems.first?.code.prefix(40) ?? "invalid")"
        case .refused(let status, _): "Parlant refused with status \(status)"
        }
    }
}
