import EventModel
import EventSourcing
import EventSourcingTesting
import PostgresDriver
import PostgresEventStore
import Testing

/// The payload column of the view is `jsonb`, made when it is selected: one text that PostgreSQL cannot read would break every query over
/// the whole log, for ever.
@Suite(.enabled(if: StoreKind.available.contains(.postgres))) struct `The view over a hostile log` {
    @Test func `every payload that the door lets in can be selected through the view`() async throws {
        let items = JSONCorpus.all.filter { $0.verdict == .accepted }
        let drafts = items.map { item in
            var draft = EventDraft.draft()
            draft.data = item.bytes
            return draft
        }
        try await StoreKind.withDatabase { store, database in
            for (draft, item) in zip(drafts, items) {
                do { try await store.append([draft], to: "account-1", expecting: .any) } catch {
                    Issue.record("\(item) was refused: \(error)")
                }
            }
            let rows = try await PostgresConnection.with(database) {
                try await $0.query("select event_id, data::text, data_raw from lockstep.event_log order by position")
            }
            #expect(rows.rowCount == drafts.count)
            for (row, draft) in drafts.enumerated() where row < rows.rowCount {
                #expect(try rows.uuid(row, 0) == draft.id)
                #expect(try rows.text(row, 1) != "")
                #expect(try rows.bytes(row, 2) == draft.data)
            }
        }
    }

    @Test func `nothing that the door must keep out gets in`() async throws {
        let items = JSONCorpus.all.filter { $0.verdict != .accepted }
        try await StoreKind.withDatabase { store, _ in
            for item in items {
                var draft = EventDraft.draft()
                draft.data = item.bytes
                let outcome = try? await store.append([draft], to: "account-1", expecting: .any)
                #expect(outcome == nil, "\(item) was let in")
            }
            let head = try await store.head()
            #expect(head.position == .start)
        }
    }
}
