import EventModel
import JourneyDomain
import Testing

/// The real server's answers: for each recording, the facts that surprise. Where the recordings do not lie beside the checkout the same
/// facts are tested with events of ours, in the suites about turns, walks, edits and rewinds.
@Suite("Parlant 3.3.2, as recorded", .enabled(if: Recordings.arePresent)) struct RecordingTests {
    private func follow(_ prefix: String, _ index: Int = 0) throws -> Followed {
        let recording = try Recordings.read(prefix)
        return try Followed(recording.payloads(of: recording.sessions[index]))
    }

    @Test func `00 the interface that is described has every path that a scenario asks for`() throws {
        let described = try Recordings.interface()
        #expect(described.count > 30)
        for prefix in Recordings.names.map({ String($0.prefix(2)) }) {
            for exchange in try Recordings.read(prefix).exchanges where exchange.status < 300 {
                let isKnown = described.contains { path in
                    path.count == exchange.path.count
                        && zip(path, exchange.path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
                }
                #expect(isKnown, "\(prefix): \(exchange.path)")
            }
        }
    }

    /// The recording is described and not there; what it describes is played with the events of others.
    @Test
    func
        `09 a message that nothing follows is a question without an answer, and a turn that fails after a restart moves nobody`()
        throws
    {
        var session = SessionState()
        func report(_ payload: JSONValue) throws {
            let inputs = try SessionReports.read(payload, receivedAt: noon).flatMap(\.inputs)
            for event in try ParlantSessionDecider.decide(.report(inputs), session) { session.apply(event.fact) }
        }
        try report(page(turn(0, trace: "t1", ["refund.ask"])))
        #expect(session.activity == .waiting)
        try report(page([customerSays(7, "is anybody there?", trace: "t2")]))
        #expect(session.activity == .open && session.state(in: "refund") == "refund.ask")
        try report(page(failure(8, trace: "t3")))
        #expect(session.turnsFailed == 1 && session.state(in: "refund") == "refund.ask")
        try report(page(turn(12, trace: "t4", ["refund.pay"])))
        #expect(session.state(in: "refund") == "refund.pay", "the same ids pushed again revive the path")
    }

    @Test func `01 after the end the journey is still matched and has no state`() throws {
        let session = try follow("01")
        #expect(
            session.moves == [
                "+wf-linear/wf-linear.ask", "-wf-linear/wf-linear.ask", "+wf-linear/wf-linear.check",
                "-wf-linear/wf-linear.check", "+wf-linear/wf-linear.refund", "-wf-linear/wf-linear.refund",
            ])
        #expect(session.endings == Array(repeating: "completed", count: 5) && session.state.activity == .waiting)
    }

    @Test func `01 notes the execution in the metadata of the session`() throws {
        let recording = try Recordings.read("01")
        let payload = try #require(recording.payloads(of: recording.sessions[0]).first)
        #expect(try SessionReports.read(payload, receivedAt: noon).first?.execution == "exec-linear")
    }

    @Test func `02 takes branches, stays, and begins anew after an impossible answer`() throws {
        #expect(try follow("02", 0).moves.last == "-wf-fork/wf-fork.billing")
        #expect(try follow("02", 1).moves.contains("+wf-fork/wf-fork.tech"))
        #expect(try follow("02", 2).moves.first == "+wf-fork/wf-fork.ask", "staying is no move")
        #expect(try follow("02", 2).moves.count == 4)
        #expect(
            try follow("02", 3).moves == ["+wf-fork/wf-fork.ask", "-wf-fork/wf-fork.ask", "+wf-fork/wf-fork.billing"])
    }

    @Test func `03 a fork without an action ends the journey silently, one with an action is a state`() throws {
        #expect(try follow("03", 0).moves == ["+wf-forknode-a/wf-forknode-a.ask", "-wf-forknode-a/wf-forknode-a.ask"])
        #expect(try follow("03", 0).endings.count == 4)
        #expect(try follow("03", 1).moves.contains("+wf-forknode-b/wf-forknode-b.fork"))
    }

    @Test func `04 a loop enters its states again`() throws {
        let moves = try follow("04").moves
        #expect(moves.filter { $0 == "+wf-loop/wf-loop.verify" }.count == 3)
        #expect(moves.suffix(2) == ["+wf-loop/wf-loop.done", "-wf-loop/wf-loop.done"])
    }

    @Test func `05 waiting for approval is standing still`() throws {
        let session = try follow("05")
        #expect(session.endings.count == 6)
        #expect(session.moves.filter { $0 == "+hitl-multistage/hitl-multistage.manager" }.count == 1)
    }

    @Test func `06 a session at the root has a path and no matched state`() throws {
        let moves = try follow("06", 2).moves
        #expect(moves.count == 3 && moves.last == "+condition-route/condition-route.reply")
        let (entered, left) = (moves[0].dropFirst(), moves[1].dropFirst())
        #expect(entered == left && !entered.contains("condition-route.reply"))
    }

    @Test func `07 nothing matched is a completed turn, and other talk keeps the state`() throws {
        let session = try follow("07")
        #expect(session.endings == Array(repeating: "completed", count: 4))
        #expect(session.moves == ["+wf-nomatch/wf-nomatch.ask"])
        #expect(try follow("07", 1).endings == ["completed"])
    }

    @Test func `08 a turn that ends and then fails has failed, and the walk goes on`() throws {
        let session = try follow("08")
        #expect(
            session.endings == [
                "completed", "completed", "failed GuidelineMatchingBatchError", "completed", "completed",
            ])
        #expect(session.moves.contains("+wf-midfail/wf-midfail.refund") && session.moves.count == 6)
    }

    @Test func `10 an early ready ends nothing`() throws {
        let session = try follow("10")
        #expect(session.endings.count == 6 && session.moves == ["+wf-early/wf-early.ask"])
    }

    @Test func `11 custom events start no turn, keep every number, and change their metadata`() throws {
        let session = try follow("11")
        #expect(session.endings.count == 2)
        let data = session.facts.compactMap { fact -> JSONValue? in
            guard case .reported(let event) = fact, case .custom(let data) = event.content else { return nil }
            return data
        }
        #expect(data.count == 13)
        #expect(data.contains { $0["output"]?["big"] == 9_007_199_254_740_993 })
        #expect(data.contains("text") && data.contains([1, 2, 3]) && data.contains(7) && data.contains(true))
        #expect(session.facts.filter { $0.kind == .eventAmended }.count == 2)
        #expect(session.facts.filter { $0.kind == .described }.count > 1)
    }

    @Test func `12 a client forges an end of a turn and ends nothing`() throws {
        let session = try follow("12")
        #expect(session.endings == ["completed", "completed"])
        #expect(session.moves.count == 3 && session.state.messages == 7)
    }

    @Test func `13 manual mode answers nothing and replays nothing`() throws {
        let session = try follow("13")
        let modes = session.facts.compactMap { fact -> SessionMode? in
            guard case .modeChanged(let change) = fact else { return nil }
            return change.mode
        }
        #expect(modes == [.manual, .auto] && session.endings.count == 3)
        #expect(session.state.messages == 7)
        #expect(try follow("13", 1).endings == ["completed"], "the message of the manual time has no turn")
    }

    @Test func `14 a rewind leaves a gap, and one at a custom event leaves the engine where it was`() throws {
        let session = try follow("14")
        let rewinds = session.facts.compactMap { fact -> SessionRewind? in
            guard case .rewound(let rewind) = fact else { return nil }
            return rewind
        }
        #expect(rewinds.map(\.from) == [14, 34, 0] && rewinds.map(\.before) == [27, 41, 47])
        #expect(rewinds.map(\.gone) == [[.completed: 2], [.completed: 1], [.completed: 4]])
        #expect(
            session.moves.map { $0.replacing("wf-rewind/wf-rewind.", with: "") } == [
                "+ask", "-ask", "+check", "-check", "+refund", "-refund", "+check", "-check", "+refund", "-refund",
                "+ask",
            ])
        #expect(session.state.turnsCompleted == 1 && session.state.lastOffset == 53)
    }

    @Test func `15 an inserted state moves nobody, though the engine thinks so`() throws {
        let recording = try Recordings.read("15")
        for (index, end) in ["wf-edit.check", "wf-edit.refund"].enumerated() {
            let session = try Followed(recording.payloads(of: recording.sessions[index]))
            #expect(session.state.state(in: "wf-edit")?.text == end)
            #expect(!session.moves.contains { $0.hasSuffix("greet") })
        }
        #expect(try follow("15", 2).moves.last == "-wf-edit/wf-edit.refund")
    }

    @Test func `15 the engine's own reading of an old path is not believed`() throws {
        let recording = try Recordings.read("15")
        let payloads = recording.payloads(of: recording.sessions[2])
        let late =
            payloads.filter { $0["agent_states"] == nil } + payloads.filter { $0["agent_states"] != nil }.suffix(2)
        #expect(try Followed(late).state.positions == follow("15", 2).state.positions)
        let before = try Followed(
            Array(
                payloads.prefix {
                    $0["agent_states"]?.array?.count != 3
                        || $0["agent_states"]?[2]?["journey_paths"]?["wf-edit"]?["node_ids"]?[0]?.string
                            != "wf-edit.greet"
                }))
        #expect(before.state.state(in: "wf-edit") == "wf-edit.refund")
    }

    @Test func `16 a forced path counts forward, back, out, and before the first turn`() throws {
        #expect(
            try follow("16").moves.map { $0.replacing("wf-force/wf-force.", with: "") } == [
                "+ask", "-ask", "+refund", "-refund", "+ask", "-ask", "+check", "-check",
            ])
        #expect(
            try follow("16", 1).moves.map { $0.replacing("wf-force/wf-force.", with: "") } == [
                "+check", "-check", "+refund",
            ])
    }

    @Test func `18 a deleted session is over`() throws {
        #expect(try follow("18").state.activity == .open && follow("18").state.eventCount == 2)
        #expect(try follow("18", 1).state.closing?.reason == .deleted)
    }

    @Test func `19 the lines of a stream are events like any other`() throws {
        let recording = try Recordings.read("19")
        let id = recording.sessions[0]
        let stream = recording.exchanges.compactMap { $0.body.string }.first { $0.hasPrefix("data: ") } ?? ""
        let events = try stream.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map {
            try JSONValue(text: String($0.dropFirst(6)))
        }
        let streamed = try Followed(events.map { page([$0], of: id) })
        let polled = try Followed([page(recording.events(of: id), of: id)])
        #expect(events.count == 8 && streamed.state == polled.state && streamed.moves == polled.moves)
    }

    @Test func `20 a guideline without a tag is matched and is no state`() throws {
        let session = try follow("20")
        #expect(session.endings == ["completed"] && session.moves.isEmpty)
    }

    @Test func `21 every turn fails while a bad id is kept`() throws {
        #expect(try follow("21").endings == ["failed ItemNotFoundError", "completed"])
    }

    @Test func `22 refusals say nothing about a session`() throws {
        let recording = try Recordings.read("22")
        for session in recording.sessions {
            let followed = try Followed(recording.payloads(of: session))
            #expect(followed.endings.isEmpty && followed.moves.isEmpty)
        }
    }

    @Test func `23 a session lives on through half a graph`() throws {
        #expect(try follow("23").moves.last == "+wf-atomic/wf-atomic.refund")
        #expect(try follow("23", 1).moves.last == "+wf-atomic/wf-atomic.refund")
    }

    @Test(arguments: ["26", "27"])
    func `26 and 27 the first turn of a new session fails, and no path of the server is shown`(_ prefix: String) throws
    {
        let recording = try Recordings.read(prefix)
        var failures = 0
        for session in recording.sessions {
            let followed = try Followed(recording.payloads(of: session))
            failures += followed.endings.filter { $0 == "failed KeyError" }.count
            #expect(followed.endings.allSatisfy { $0 == "completed" || $0 == "failed KeyError" })
            for fact in followed.facts {
                let text = String(decoding: fact.payloadBytes, as: UTF8.self)
                #expect(!text.contains(".py") && !text.contains("exception"))
            }
        }
        #expect(failures == (prefix == "26" ? 5 : 2))
    }

    @Test func `all of them are here`() {
        #expect(Recordings.names.count == 23)
    }
}
