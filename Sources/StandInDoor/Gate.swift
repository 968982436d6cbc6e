import EventModel

/// What stands between the door and the engine: it lets requests through, keeps them waiting, or breaks them as it was told under `/_stand_in`.
package struct Gate: Sendable {
    /// The most requests that are kept waiting.
    package static let mostHeld = 10_000
    /// The longest absence.
    package static let longestAbsence: Duration = .seconds(3_600)

    /// How the answer to a request that was let through is sent.
    package typealias Wrapping = @Sendable (Reply) -> Reaction

    private var faults = Faults()
    private var isHolding = false
    private var awayUntil: Timestamp?
    private var held: [(Request, Completion)] = []
    /// How many requests came to the engine, those that were broken counted.
    package private(set) var requests = 0

    /// An open gate.
    package init() {}

    /// How many requests are kept waiting.
    package var waiting: Int { held.count }

    /// - Returns: how to send the answer; `nil` when the request was dealt with, or kept.
    package mutating func admit(
        _ request: Request, at now: Timestamp, _ complete: @escaping Completion
    ) -> Wrapping? {
        if let awayUntil, now < awayUntil {
            complete(.hangUp)
            return nil
        }
        if isHolding, held.count < Self.mostHeld {
            held.append((request, complete))
            return nil
        }
        requests += 1
        switch faults.next(for: request.method) {
        case .silence: complete(.silence)
        case .dropBeforeDoing: complete(.hangUp)
        case .answer(let reply): complete(.reply(reply))
        case .dropAfterDoing: return { _ in .hangUp }
        case .half: return { .half($0) }
        case .answerTwice: return { .twice($0) }
        case nil: return { .reply($0) }
        }
        return nil
    }

    /// Takes an order under `/_stand_in` that is about the gate.
    ///
    /// - Returns: the answer, and the requests that have waited long enough; `nil` when the order is about something else.
    package mutating func order(
        _ request: Request, at now: Timestamp
    ) -> (reply: Reply, released: [(Request, Completion)])? {
        let value = JSONValue.object(request.object ?? JSONObject())
        switch (request.method, request.path.dropFirst().joined(separator: "/")) {
        case ("POST", "faults"):
            guard let (kind, times) = Faults.read(value) else {
                return (.refusal(400, "BAD_REQUEST", "no such fault"), [])
            }
            faults.add(kind, times: times, method: value["method"]?.string)
        case ("DELETE", "faults"): faults.clear()
        case ("POST", "hold"): isHolding = true
        case ("POST", "release"):
            isHolding = false
            defer { held = [] }
            return (Reply(200, [:]), held)
        case ("POST", "away"):
            guard let wait = value["milliseconds"]?.int, wait >= 0, .milliseconds(wait) <= Self.longestAbsence else {
                return (.refusal(400, "BAD_REQUEST", "milliseconds from 0 to 3600000"), [])
            }
            awayUntil = now.advanced(by: .milliseconds(wait))
        default: return nil
        }
        return (Reply(200, [:]), [])
    }
}
