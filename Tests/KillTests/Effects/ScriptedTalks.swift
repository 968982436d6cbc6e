import EventModel
import Foundation
import Synchronization

/// The conversations of the runs, as an engine reports them that does what it is told, in its own time. What it is told it finds in the log, as a connector would be told.
final class ScriptedTalks: Sendable {
    private static let journey = "refund-a-customer"

    private struct Talk {
        var offset = 0
        var place: String?
    }

    private struct State {
        var talks: [String: Talk] = [:]
        var obeyed: Set<String> = []
        var isClosed = false
    }

    private let observer: Observer
    private let ingest: @Sendable ([String]) async throws -> Void
    private let state = Mutex(State())

    init(_ observer: Observer, ingest: @escaping @Sendable ([String]) async throws -> Void) {
        self.observer = observer
        self.ingest = ingest
    }

    /// The customer is asked.
    func begin(_ run: String) async throws { try await turn(run, to: "approve") }

    /// The customer answers, and the conversation goes on.
    func answer(_ run: String, _ answer: String) async throws {
        try await ingest([
            event(
                run,
                #""type":"input_collected","name":"verdict","value":"\#(answer)","journey":"\#(Self.journey)","state":"\#(Self.journey).approve""#
            )
        ])
        try await turn(run, to: "decision")
    }

    private func turn(_ run: String, to block: String) async throws {
        let turn = state.withLock { state in
            state.talks[run, default: Talk()].place = "\(Self.journey).\(block)"
            return state.talks[run]?.offset ?? 0
        }
        try await ingest([
            event(run, #""type":"turn_completed","turn":"\#(run)-\#(turn)","positions":[\#(position(of: run))]"#)
        ])
    }

    private func position(of run: String) -> String {
        let place = state.withLock { $0.talks[run]?.place }
        return #"{"journey":"\#(Self.journey)"\#(place.map { #","state":"\#($0)""# } ?? "")}"#
    }

    private func event(_ run: String, _ words: String) -> String {
        let offset = state.withLock { state in
            state.talks[run, default: Talk()].offset += 1
            return state.talks[run]?.offset ?? 0
        }
        let moment = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let head = #""engine":"acme-dialogue","session":"talk-\#(run)","execution":"\#(run)","customer":"customer-1""#
        return
            #"{\#(head),"observed_at":"\#(moment)","events":[{"id":"\#(run)-\#(offset)","offset":\#(offset),"at":"\#(moment)",\#(words)}]}"#
    }

    // MARK: What it is told

    func close() { state.withLock { $0.isClosed = true } }

    /// Does what it is told, once, until closed.
    func obey() async {
        while !state.withLock({ $0.isClosed }) {
            // Whoever cannot be asked now is asked again.
            try? await obeyOnce()
            await Patience.breathe()
        }
    }

    private func obeyOnce() async throws {
        let orders = try await observer.texts(
            """
            select jsonb_build_object('run', substr(e.stream, length('reconciliation-') + 1), 'order', e.data)::text
            from lockstep.event_log e
            where e.type = 'reconciliation.effect_requested' and e.data->>'side' = 'journey' and not exists (
                select from lockstep.event_log x
                where x.stream = e.stream and x.type in ('reconciliation.effect_confirmed', 'reconciliation.effect_stale')
                    and x.data->>'effect' = e.data->>'effect')
            order by e.position
            """)
        for text in orders {
            let order = try JSONValue(text: text)
            guard let run = order["run"]?.string, let effect = order["order"]?["effect"]?.string,
                state.withLock({ $0.obeyed.insert(effect).inserted })
            else { continue }
            switch order["order"]?["action"]?.string {
            case "enter": try await move(run, to: order["order"]?["state"]?.string)
            case "leave": try await move(run, to: nil)
            case "tell":
                let data: JSONValue = [
                    "lockstep": .object(
                        JSONObject(omittingNil: [
                            "effect": .string(effect), "values": order["order"]?["told"]?["values"],
                            "inputs": order["order"]?["told"]?["inputs"],
                        ]))
                ]
                try await ingest([
                    event(run, #""type":"custom","data":\#(String(decoding: data.compactBytes(), as: UTF8.self))"#)
                ])
            default: break
            }
        }
    }

    private func move(_ run: String, to place: String?) async throws {
        state.withLock { $0.talks[run, default: Talk()].place = place }
        try await ingest([event(run, #""type":"moved","positions":[\#(position(of: run))]"#)])
    }
}
