import EventModel
import JourneyDomain
import ParlantConnector

/// Where a session stands: always the same keys.
struct SessionAnswer: Sendable {
    let state: ParlantSessionState

    var json: [UInt8] {
        Answers.line { object in
            object.member("session", state.session)
            object.member("agent", state.agent)
            object.member("mode", state.mode.rawValue)
            object.member("execution", state.execution)
            object.member("busy", state.isBusy)
            object.member("next_offset", state.place.nextOffset)
            object.key("journeys")
            object.array { list in
                for (journey, path) in state.paths.sorted(by: { $0.key < $1.key }) {
                    list.object { $0.path(journey, path) }
                }
            }
        }
    }

    /// For people.
    func print() {
        let output = StandardOutput.shared
        output.write(
            "session \(Table.printable(state.session)) of agent \(Table.printable(state.agent)), mode \(state.mode.rawValue), "
                + (state.execution.map { "walks for execution \(Table.printable($0))" } ?? "bound to no execution")
                + (state.isBusy ? ", a turn is under way" : ""))
        guard !state.paths.isEmpty else { return output.write("in no journey") }
        var table = Table([("JOURNEY", .left), ("STATE", .left), ("STEPS", .right)])
        for (journey, path) in state.paths.sorted(by: { $0.key < $1.key }) {
            table.add([journey, path.hasLeft ? "(left)" : path.current?.text ?? "(unknown)", "\(path.steps.count)"])
        }
        table.print()
    }
}

extension JSONWriter {
    fileprivate mutating func path(_ journey: String, _ path: ParlantSessionState.Path) {
        member("journey", journey)
        member("state", path.current?.text)
        member("left", path.hasLeft)
        member("steps", path.steps.count)
    }
}
