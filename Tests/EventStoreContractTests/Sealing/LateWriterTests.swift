import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@Suite struct `A writer that has not heard of an erasure` {
    private let subject = "customer:7"

    /// Found by a simulated world: the second run looked for the new key alone.
    @Test(arguments: SealingStores.available)
    func `what a writer sealed late is recorded by the next run although the subject has a new key since`(
        _ isPostgres: Bool
    ) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let late = try world.sealing()
            _ = try await late.append(AppendRequest([SealingWorld.note("a")], to: "note-1", expecting: .any))
            _ = try await world.eraser().erase(DataSubject(subject))
            _ = try await late.append(AppendRequest([SealingWorld.note("b")], to: "note-2", expecting: .any))
            let fresh = try world.sealing()
            _ = try await fresh.append(AppendRequest([SealingWorld.note("c")], to: "note-3", expecting: .any))
            guard case .erased(let receipt, _) = try await world.eraser().erase(DataSubject(subject)) else {
                Issue.record("nothing was erased")
                return
            }
            #expect(receipt.keys == [1, 2] && receipt.extent.events == 2 && receipt.receipt?.streams == 2)
            for stream in ["note-1", "note-2", "note-3"] as [StreamName] {
                let records = try await world.log.readAll(StreamQuery(stream)).filter {
                    $0.type == SubjectEvent.erasedType
                }
                #expect(records.count == 1, "\(stream)")
            }
        }
    }

    /// Found by a simulated world: the key that is held is not the one that the event was sealed with.
    @Test(arguments: SealingStores.available)
    func `recognises a repetition of what others have sealed with the key from behind the erasure`(
        _ isPostgres: Bool
    ) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let late = try world.sealing()
            _ = try await late.append(AppendRequest([SealingWorld.note("a")], to: "note-1", expecting: .any))
            _ = try await world.eraser().erase(DataSubject(subject))
            let request = AppendRequest([SealingWorld.note("b")], to: "note-2", expecting: .noStream)
            let receipt = try #require(try await world.sealing().append(request).receipt)
            #expect(try await late.append(request) == .repeated(receipt))
            var other = request
            other.streams[0].events[0].data = SealingWorld.note("c").data
            let refused = StoreError.refused(.idReused(id: request.streams[0].events[0].id, at: receipt.first))
            await #expect(throws: refused) { try await late.append(other) }
        }
    }
}
