import EventModel
import EventSourcing
import EventSourcingTesting

extension InMemoryLog {
    /// Every event of a stream, read back as a reader would.
    func events(of stream: StreamName) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var next: StreamQuery? = StreamQuery(stream)
        while let query = next {
            let page = read(query)
            events += page.events
            next = query.next(after: page)
        }
        return events
    }

    /// What a stream amounts to, by folding all of it; events of other domains in it, such as `subject.erased`, are left out.
    func state<D: Decider>(of stream: StreamName, by decider: D.Type) throws(EventFlaw) -> D.State
    where D.Event: DomainEvent {
        var state = D.initialState
        for event in events(of: stream) where event.type.rawValue.hasPrefix(event.category.rawValue + ".") {
            state = D.evolve(state, try D.Event(event))
        }
        return state
    }

    /// Every stream that holds something, in the order of their first events.
    var streams: [StreamName] {
        var seen: Set<StreamName> = []
        return entries.map(\.stream).filter { seen.insert($0).inserted }
    }
}
