import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

@Suite struct `Erasing a subject` {
    private static let subject = "customer:7"

    /// Three streams of customer 7, one of customer 8, and an execution beside.
    private static func fill(_ world: SealingWorld) async throws -> [AppendRequest] {
        let requests = [
            AppendRequest(
                [SealingWorld.note("a", lines: ["b", "c"]), SealingWorld.note("d")], to: "note-1", expecting: .noStream),
            AppendRequest(
                [SealingWorld.note("e"), SealingWorld.note("f", of: "customer:8")], to: "note-2", expecting: .any),
            AppendRequest([SealingWorld.note("g", of: "customer:8")], to: "note-3", expecting: .any),
            AppendRequest([SealingWorld.note("h", of: "execution:1")], to: "run-1", expecting: .any),
            AppendRequest(streams: [
                StreamAppend([SealingWorld.note("i")], to: "note-4", expecting: .any),
                StreamAppend([.draft("note.read")], to: "note-5", expecting: .any),
            ]),
        ]
        let sealing = try world.sealing()
        for request in requests { _ = try await sealing.append(request) }
        return requests
    }

    private static func hidden(_ world: SealingWorld) async throws -> Int {
        var count = 0
        for event in try await world.sealing().read(EventQuery()).events {
            if case .string? = try JSONValue(event.data)["text"] { continue }
            count += 1
        }
        return count
    }

    @Test(arguments: SealingStores.available)
    func `a survey says what would be gone, and changes nothing`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            _ = try await Self.fill(world)
            let survey = try await world.eraser().survey(DataSubject(Self.subject))
            #expect(survey.keys == [1] && survey.destroyed.isEmpty)
            #expect(survey.findings.names == ["note-1", "note-2", "note-4"])
            #expect(survey.findings.extent.events == 4 && survey.findings.extent.values == 6)
            #expect(survey.findings.first == .init(1) && survey.findings.last == .init(7))
            #expect(survey.findings.types == [EventType(trusting: "note.written"): 4])
            #expect(survey.linked == [try DataSubject("customer:8"): 1, try DataSubject("execution:1"): 1])
            let nobody = try await world.eraser().survey(DataSubject("customer"))
            #expect(nobody.keys.isEmpty && nobody.findings.streams.isEmpty)
            #expect(try await world.log.head().position == .init(8))
            #expect(try await world.keys.keyCensus().destroyed == 0)
        }
    }

    @Test(arguments: SealingStores.available)
    func `after an erasure nobody reads the data, others' data stay, and every stream has it on record`(
        _ isPostgres: Bool
    ) async throws {
        try await SealingWorld.with(isPostgres) { world in
            _ = try await Self.fill(world)
            let before = try await world.stored()
            let outcome = try await world.eraser().erase(DataSubject(Self.subject), by: "ada", because: "request")
            guard case .erased(let receipt, let position) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(receipt.keys == [1] && receipt.through == .init(8) && position == .init(12))
            #expect(receipt.extent.values == 6 && receipt.receipt?.streams == 3 && receipt.receipt?.reason == "request")
            let events = try await world.sealing().read(EventQuery()).events
            #expect(try await world.stored().prefix(8).elementsEqual(before))
            for event in events where event.type == EventType(trusting: "note.written") {
                let value = try JSONValue(event.data)
                let isGone = value["subject"]?.string == Self.subject
                #expect((value["text"]?.erasedSubject == Self.subject) == isGone)
                #expect(
                    value["lines"]?[1]?.erasedSubject == (isGone && event.position == .init(1) ? Self.subject : nil))
            }
            let records = Array(events.dropFirst(8))
            #expect(
                Set(records.map(\.stream)) == [
                    "note-1", "note-2", "note-4", try DataSubject(Self.subject).stream(in: .default),
                ])
            #expect(records.allSatisfy { $0.actor == "ada" && $0.correlationID == receipt.erasure })
            for record in records {
                guard case .erased(let erased) = try SubjectEvent(record) else {
                    Issue.record("it is not what it must be")
                    return
                }
                #expect((erased.receipt != nil) == (record.position == position) && erased.erasure == receipt.erasure)
            }
            #expect(try await world.eraser().erase(DataSubject(Self.subject)) == .erasedBefore(receipt, at: position))
            #expect(try await world.log.head().position == .init(12))
            #expect(try await world.eraser().erase(DataSubject("nobody")) == .unknownSubject)
        }
    }

    @Test(arguments: SealingStores.available)
    func `a retry from before the erasure is a repeat, new data get a new key, and that can be erased again`(
        _ isPostgres: Bool
    ) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let requests = try await Self.fill(world)
            let subject = try DataSubject(Self.subject)
            let warm = try world.sealing()
            _ = try await warm.read(EventQuery())
            var receipts: [AppendReceipt] = []
            for request in requests { receipts.append(try #require(try await warm.append(request).receipt)) }
            _ = try await world.eraser().erase(subject)
            // Processes that have just begun, and one that still remembers the key.
            for (request, receipt) in zip(requests, receipts) {
                #expect(try await world.sealing().append(request) == .repeated(receipt))
                #expect(try await warm.append(request) == .repeated(receipt))
            }
            #expect(try await world.keys.allKeys(of: subject, in: .default).count == 1)
            let fresh = SealingWorld.note("new")
            let request = AppendRequest([fresh], to: "note-9", expecting: .noStream)
            let stored = try #require(try await world.sealing().append(request).receipt)
            #expect(try await world.sealing().append(request) == .repeated(stored))
            #expect(try await world.sealing().read(StreamQuery("note-9")).events.first?.data == fresh.data)
            for (request, receipt) in zip(requests, receipts) {
                #expect(try await world.sealing().append(request) == .repeated(receipt))
            }
            guard case .erased(let second, _) = try await world.eraser().erase(subject) else {
                Issue.record("nothing was erased")
                return
            }
            #expect(second.keys == [2] && second.extent.events == 1 && second.receipt?.streams == 1)
            #expect(try await world.sealing().append(request) == .repeated(stored))
        }
    }

    @Test(arguments: SealingStores.available)
    func `an id used again with other content is no repeat, before and after an erasure`(_ isPostgres: Bool)
        async throws
    {
        try await SealingWorld.with(isPostgres) { world in
            let requests = try await Self.fill(world)
            _ = try await world.eraser().erase(DataSubject(Self.subject))
            var changes = (0..<5).map { _ in requests[1] }
            let own = requests[1].streams[0].events
            changes[0].streams[0].events[1] = SealingWorld.note("other", of: "customer:8", id: own[1].id)
            changes[1].streams[0].events[0] = SealingWorld.note("e", of: "customer:8", id: own[0].id)
            changes[2].streams[0].stream = "note-7"
            changes[3].streams[0].events.removeLast()
            changes[3].streams[0].events.append(SealingWorld.note("new", of: "customer:8"))
            changes[4].streams[0].events.reverse()
            for change in changes {
                await #expect(throws: StoreError.self) { try await world.sealing().append(change) }
            }
            #expect(try await world.log.head().position == .init(12))
        }
    }

    @Test(arguments: SealingStores.available)
    func `whatever step an erasure dies at, running it again ends alike`(_ isPostgres: Bool) async throws {
        for afterwards in [false, true] {
            for step in 0..<5 {
                try await SealingWorld.with(isPostgres) { world in
                    _ = try await Self.fill(world)
                    let dying = SubjectEraser(
                        DyingLog(world.log, after: step, isStored: afterwards), keys: world.keys, workspace: .default)
                    let died = try? await dying.erase(DataSubject(Self.subject), by: "ada", because: "first")
                    if died == nil { #expect(try await Self.hidden(world) >= 4) }
                    let outcome = try await world.eraser().erase(
                        DataSubject(Self.subject), by: "bob", because: "second")
                    let events = try await world.log.readAll(EventQuery())
                    let records = events.filter { $0.type == SubjectEvent.erasedType }
                    #expect(records.count == 4 && Set(records.map(\.stream)).count == 4, "step \(step)")
                    switch outcome {
                    case .erased(let receipt, _), .erasedBefore(let receipt, _):
                        #expect(receipt.extent.values == 6 && receipt.receipt?.streams == 3)
                        #expect(receipt.receipt?.reason == "first")
                    case .unknownSubject: Issue.record("the subject is forgotten")
                    }
                }
            }
        }
    }

    @Test(arguments: SealingStores.available)
    func `several erasers at once leave one receipt`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            _ = try await Self.fill(world)
            let receipts = try await withThrowingTaskGroup(of: SubjectErased?.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        switch try await world.eraser().erase(DataSubject(Self.subject)) {
                        case .erased(let receipt, _), .erasedBefore(let receipt, _): receipt
                        case .unknownSubject: nil
                        }
                    }
                }
                return try await group.reduce(into: [SubjectErased?]()) { $0.append($1) }
            }
            #expect(Set(receipts.map { $0?.erasure }).count == 1 && receipts.allSatisfy { $0 == receipts[0] })
            let events = try await world.log.readAll(EventQuery())
            let own = try DataSubject(Self.subject).stream(in: .default)
            #expect(events.filter { $0.stream == own }.count == 1)
        }
    }

    @Test(arguments: SealingStores.available)
    func `what a writer seals that has not heard of the erasure is gone too, and is recorded by the next run`(
        _ isPostgres: Bool
    ) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let time = ManualTimekeeper()
            let late = try world.sealing(time: time)
            _ = try await late.append(AppendRequest([SealingWorld.note("a")], to: "note-1", expecting: .any))
            guard case .erased(let receipt, let position) = try await world.eraser().erase(DataSubject(Self.subject))
            else {
                Issue.record("nothing was erased")
                return
            }
            _ = try await late.append(AppendRequest([SealingWorld.note("b")], to: "note-2", expecting: .any))
            #expect(try await Self.hidden(world) == 4)
            #expect(try await world.eraser().erase(DataSubject(Self.subject)) == .erasedBefore(receipt, at: position))
            let records = try await world.log.readAll(StreamQuery("note-2")).filter {
                $0.type == SubjectEvent.erasedType
            }
            #expect(records.count == 1)
            // A minute later the writer has forgotten the key: it may read nothing more, and seals with a new one.
            time.advance(by: .seconds(61))
            let value = try JSONValue(try #require(try await late.read(EventQuery()).events.first).data)
            #expect(value["text"]?.erasedSubject == Self.subject)
            _ = try await late.append(AppendRequest([SealingWorld.note("c")], to: "note-3", expecting: .any))
            let fresh = try #require(try await world.sealing().read(StreamQuery("note-3")).events.first)
            #expect(try JSONValue(fresh.data)["text"]?.string == "c")
        }
    }

    @Test func `more streams than one append takes are all told`() async throws {
        try await SealingWorld.with(false) { world in
            let sealing = try world.sealing()
            for index in 0..<1_234 {
                _ = try await sealing.append(
                    AppendRequest([SealingWorld.note("a")], to: StreamName(trusting: "note-\(index)"), expecting: .any))
            }
            guard case .erased(let receipt, let position) = try await world.eraser().erase(DataSubject(Self.subject))
            else {
                Issue.record("nothing was erased")
                return
            }
            #expect(receipt.receipt?.streams == 1_234 && position == .init(2 * 1_234 + 1))
        }
    }

    @Test func `another workspace's subject of the same name is another subject`() async throws {
        try await SealingWorld.with(false) { world in
            let acme = try Workspace("acme")
            let sealing = try world.sealing()
            for workspace in [Workspace.default, acme] {
                _ = try await sealing.append(
                    AppendRequest(workspace: workspace, [SealingWorld.note("a")], to: "note-1", expecting: .any))
            }
            guard case .erased(let receipt, _) = try await world.eraser().erase(DataSubject(Self.subject)) else {
                return
            }
            #expect(receipt.extent.events == 1)
            let kept = try #require(
                try await world.sealing().read(StreamQuery(workspace: acme, "note-1")).events.first)
            #expect(try JSONValue(kept.data)["text"]?.string == "a")
        }
    }
}
