import EventModel
import JourneyDomain
import ParlantConnector

/// The path that puts a session into a state. Pure.
struct SessionMove: Sendable, Equatable {
    let journey: JourneyID
    let path: [ElementID?]

    /// - Parameter journey: `nil` when the session is in one only.
    init(to state: String, in journey: String?, from session: ParlantSessionState) throws(Failure) {
        let present = session.paths.filter { !$0.value.hasLeft }.keys.sorted()
        guard let name = journey ?? (present.count == 1 ? present.first : nil) else {
            throw Failure(
                .usage, "the session is in \(Counted.of(present.count, "journey"))",
                hint: "say with --journey which one is meant")
        }
        guard let id = JourneyID(name) else {
            throw Failure(.usage, "\"\(Table.printable(name))\" is no journey's id", hint: "use \(JourneyID.allowed)")
        }
        self.journey = id
        // What is behind a leaving, or has no name any more, is no way that could be gone on.
        let steps = session.paths[name]?.steps.map(\.state) ?? []
        let behind = steps.lastIndex { $0 == nil }.map { steps[($0 + 1)...] } ?? steps[...]
        path = behind + [ElementID(state)]
    }
}
