import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@testable import Audit

@Suite struct `A completeness certificate` {
    private func log(_ count: Int) async throws -> (InMemoryEventStore, [RecordedEvent]) {
        let log = InMemoryEventStore()
        for index in 0..<count { try await append(to: log, index) }
        return (log, Array(try await log.read(EventQuery(limit: 10_000)).events))
    }

    private func append(to log: InMemoryEventStore, _ index: Int) async throws {
        let stream = StreamName(trusting: "thing-\(index % 3)")
        _ = try await log.append(AppendRequest([.draft("thing.done")], to: stream, expecting: .any))
    }

    /// What a consumer keeps that has seen these events, with a mark behind every `stride` positions.
    private func certificate(
        _ events: [RecordedEvent], standing end: Int64? = nil, stride: Int64 = 10
    ) -> CompletenessCertificate {
        var marks: [CompletenessCertificate.Mark] = []
        var running = CompletenessCertificate.Mark.start
        for event in events {
            let isMarked = event.position.rawValue / stride != running.position.rawValue / stride
            running.position = event.position
            running.events += 1
            running.digest.add(event)
            if isMarked { marks.append(running) }
        }
        if let end { running.position = GlobalPosition(end) }
        return CompletenessCertificate(
            consumer: "things", kind: "projector", generation: 1,
            marks: marks.filter { $0.position != running.position } + [running])
    }

    @Test(arguments: [0, 1, 9, 10, 57]) func `agrees with the log up to where its consumer stands`(_ seen: Int)
        async throws
    {
        let (log, events) = try await log(57)
        #expect(
            try await CompletenessVerifier(log).verify([certificate(Array(events.prefix(seen)))]) == [.complete])
    }

    @Test(arguments: [(1, 1), (2, 3), (10, 1), (20, 11), (55, 3), (1, 57)])
    func `names the first event that was passed over, wherever and however many`(_ first: Int, _ count: Int)
        async throws
    {
        let (log, events) = try await log(57)
        let seen = events.filter { !(first..<first + count).contains(Int($0.position.rawValue)) }
        let found = try await CompletenessVerifier(log).verify([certificate(events), certificate(seen, standing: 57)])
        #expect(found[0] == .complete)
        guard case .missing(_, let after, _, let named) = found[1] else {
            Issue.record("\(found[1])")
            return
        }
        #expect(named == GlobalPosition(Int64(first)) && after < GlobalPosition(Int64(first)))
        #expect(found[1].description.contains("the first of them is the event at position \(first)"))
    }

    @Test func `narrows down where events are missing in several places`() async throws {
        let (log, events) = try await log(57)
        let seen = events.filter { ![23, 27, 41].contains($0.position.rawValue) }
        let found = try await CompletenessVerifier(log).verify([certificate(seen, standing: 57)])
        #expect(
            found == [.missing(events: 2, after: GlobalPosition(20), through: GlobalPosition(30), first: nil)])
    }

    @Test func `tells events that were seen twice, others than there are, and more than there are`() async throws {
        let (log, events) = try await log(57)
        let verifier = CompletenessVerifier(log)
        let twice = events.prefix(34) + events[30..<34] + events.dropFirst(34)
        #expect(
            try await verifier.verify([certificate(Array(twice))])
                == [.repeated(events: 4, after: GlobalPosition(30), through: GlobalPosition(40))])
        let (_, foreign) = try await self.log(57)
        let other = events.map { $0.position.rawValue == 12 ? foreign[11] : $0 }
        #expect(
            try await verifier.verify([certificate(other)])
                == [.different(after: GlobalPosition(10), through: GlobalPosition(20))])
        let (longer, _) = try await self.log(57)
        try await append(to: longer, 1)
        let all = Array(try await longer.read(EventQuery(limit: 100)).events)
        let ahead = try await verifier.verify([certificate(all, stride: 1_000)])
        #expect(ahead == [.ahead(head: GlobalPosition(57))])
    }

    @Test func `of a lane is about the lane's events, and names the first of them that was passed over`() async throws {
        let (log, events) = try await log(57)
        let lanes = 2
        func certificate(_ lane: Int32, without passed: Set<Int64> = []) -> CompletenessCertificate {
            var mark = CompletenessCertificate.Mark.start
            for event in events where Lane(of: event, count: lanes) == Lane(lane) {
                guard !passed.contains(event.position.rawValue) else { continue }
                mark.events += 1
                mark.digest.add(event)
            }
            mark.position = GlobalPosition(57)
            return CompletenessCertificate(
                consumer: "things", kind: "projector", generation: 1, scope: .lane(Lane(lane), of: lanes), marks: [mark]
            )
        }
        let own = events.filter { Lane(of: $0, count: lanes) == Lane(0) }.map(\.position.rawValue)
        let passed = Set(own.dropFirst(3).prefix(2))
        let found = try await CompletenessVerifier(log).verify([
            certificate(0), certificate(1), certificate(0, without: passed),
        ])
        #expect(Array(found.prefix(2)) == [.complete, .complete])
        #expect(
            found[2]
                == .missing(
                    events: 2, after: .start, through: GlobalPosition(57),
                    first: passed.min().map { GlobalPosition($0) }))
    }
}
