import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

@Suite struct `Limits of an append` {
    private static let id = SequentialIDs.id(1)

    /// A request that breaks one rule, and what it is told.
    private static func refusals() throws -> [(AppendRequest, AppendFlaw)] {
        let stream: StreamName = "account-1"
        func request(_ draft: EventDraft) -> AppendRequest { AppendRequest([draft], to: stream, expecting: .any) }
        // Stream (9), type (14), metadata (2) and the quotes are counted too.
        let tooLarge = String(repeating: "x", count: AppendLimits.eventBytes - 9 - 14 - 2 - 1)
        var late = EventDraft.draft(id: id)
        late.occurredAt = Timestamp(microseconds: Timestamp.latest.microseconds + 1)
        return [
            (AppendRequest(streams: []), .nothingToAppend(stream: nil)),
            (AppendRequest([], to: stream, expecting: .any), .nothingToAppend(stream: stream)),
            (
                AppendRequest(streams: [
                    StreamAppend([.draft()], to: stream, expecting: .any),
                    StreamAppend([.draft()], to: stream, expecting: .any),
                ]), .duplicateStream(stream)
            ),
            (AppendRequest([.draft(id: id), .draft(id: id)], to: stream, expecting: .any), .duplicateID(id)),
            (
                AppendRequest(EventDraft.drafts(AppendLimits.events + 1), to: stream, expecting: .any),
                .tooManyEvents(count: 1_001, limit: 1_000)
            ),
            (
                request(.draft(id: id, data: "\"\(tooLarge)\"")),
                .eventTooLarge(id: id, bytes: 1_048_577, limit: 1_048_576)
            ),
            (
                request(.draft(id: id, schemaVersion: 0)),
                .schemaVersionOutOfRange(id: id, version: 0, limit: 32_767)
            ),
            (
                request(.draft(id: id, schemaVersion: 32_768)),
                .schemaVersionOutOfRange(id: id, version: 32_768, limit: 32_767)
            ),
            (request(.draft(id: id, actor: "")), .invalidActor(id: id, bytes: 0, limit: 200)),
            (request(.draft(id: id, actor: "a\nb")), .invalidActor(id: id, bytes: 3, limit: 200)),
            (
                request(.draft(id: id, actor: String(repeating: "é", count: 101))),
                .invalidActor(id: id, bytes: 202, limit: 200)
            ),
            (request(late), .timeOutOfRange(id: id, microseconds: late.occurredAt.microseconds)),
            (request(.draft(id: id, metadata: "[]")), .metadataNotObject(id: id)),
            (
                request(.draft(id: id, metadata: "{")),
                .invalidMetadata(id: id, .unexpectedEnd(wanted: .commaOrBrace, at: 1))
            ),
        ]
    }

    @Test(arguments: StoreKind.available, 0..<14)
    func `a request over a limit is refused with the limit and stores nothing`(
        _ kind: StoreKind, _ example: Int
    ) async throws {
        let refusals = try Self.refusals()
        #expect(refusals.count == 14)
        let (request, flaw) = refusals[example]
        try await kind.withStore { store in
            await #expect(throws: StoreError.refused(flaw)) { try await store.append(request) }
            let head = try await store.head()
            #expect(head.position == .start)
        }
    }

    @Test(arguments: StoreKind.available)
    func `an append over eight mebibytes is refused, one of exactly that size is stored`(_ kind: StoreKind) async throws
    {
        try await kind.withStore { store in
            // Nine events of a size that no single limit touches; the last one tips the scale.
            func request(lastBytes: Int) -> AppendRequest {
                let overhead = 9 + 14 + 2 + 2
                let sizes = Array(repeating: 1_000_000, count: 8) + [lastBytes]
                return AppendRequest(
                    sizes.map { .draft(data: "\"\(String(repeating: "x", count: $0 - overhead))\"") }, to: "account-1",
                    expecting: .noStream)
            }
            let rest = AppendLimits.appendBytes - 8_000_000
            let flaw = AppendFlaw.appendTooLarge(bytes: AppendLimits.appendBytes + 1, limit: AppendLimits.appendBytes)
            await #expect(throws: StoreError.refused(flaw)) { try await store.append(request(lastBytes: rest + 1)) }
            let outcome = try await store.append(request(lastBytes: rest))
            #expect(outcome.receipt?.last == .init(9))
        }
    }

    @Test(arguments: StoreKind.available)
    func `an append of a thousand events is stored`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let outcome = try await store.append(EventDraft.drafts(1_000), to: "account-1", expecting: .noStream)
            #expect(outcome.receipt?.versions == [.init(1_000)])
        }
    }

    @Test(arguments: StoreKind.available)
    func `an append whose task is cancelled before it is sent stores nothing`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let gate = AsyncStream.makeStream(of: Void.self)
            let caller = Task {
                for await _ in gate.stream {}
                return try await store.append([.draft()], to: "account-1", expecting: .any)
            }
            caller.cancel()
            gate.continuation.finish()
            await #expect(throws: StoreError.cancelled) { try await caller.value }
            let head = try await store.head()
            #expect(head.position == .start)
        }
    }
}
