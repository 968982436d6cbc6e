import EventModel
import EventSourcing
import PostgresReadModels
import Testing

/// Needs a real PostgreSQL: what is shown to whoever looks from outside is kept there.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL")) struct `Standings of engines` {
    private func standing(
        _ side: String, _ holder: String, _ state: CircuitStanding.State, failure: String? = nil
    ) -> EngineStanding {
        let moment = Timestamp(microseconds: 1_767_225_600_000_001)
        return EngineStanding(
            side: side, holder: holder,
            circuit: CircuitStanding(
                name: "Sim at 'http://there'", state: state, since: moment, failures: failure == nil ? 0 : .max,
                lastError: failure.map { CircuitStanding.Failure(reason: $0, at: moment) },
                nextTry: state == .open ? moment : nil))
    }

    @Test func `each process says how it reaches each engine, and its last word stays`() async throws {
        try await TestDatabase.with { database in
            let store = PostgresProjectionStore(pool: database.pool)
            #expect(try await store.engineStandings().isEmpty)
            try await store.record([])
            try await store.record([standing("workflow", "a", .closed), standing("journey", "a", .halfOpen)])
            try await store.record([standing("workflow", "a", .open, failure: "no 'answer'")])
            try await store.record([standing("workflow", "b", .closed)])
            let found = try await store.engineStandings()
            #expect(found.map(\.standing.side) == ["journey", "workflow", "workflow"])
            #expect(found.map(\.standing.circuit.state) == [.halfOpen, .open, .closed])
            #expect(found[0].standing == standing("journey", "a", .halfOpen))
            #expect(found[1].standing.circuit.lastError?.reason == "no 'answer'")
            #expect(found[1].standing.circuit.failures == Int(Int32.max))
            #expect(found.allSatisfy { $0.age < .seconds(600) })
        }
    }

    @Test func `what nobody has said for a day is forgotten`() async throws {
        try await TestDatabase.with { database in
            let store = PostgresProjectionStore(pool: database.pool)
            try await store.record([standing("workflow", "gone", .open, failure: "x")])
            try await database.execute("update lockstep.engines set updated_at = now() - interval '25 hours'")
            try await store.record([standing("workflow", "here", .closed)])
            #expect(try await store.engineStandings().map(\.standing.holder) == ["here"])
        }
    }
}
