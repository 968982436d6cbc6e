import ArgumentParser
import EventModel
import EventSourcing
import FoundationEssentials

/// The options that select events.
struct FilterOptions: ParsableArguments {
    @Option(name: .long, help: "Only this stream, <category>-<key>.")
    var stream: String?
    @Option(name: .long, parsing: .singleValue, help: "Only this category; may be repeated.")
    var category: [String] = []
    @Option(name: .long, parsing: .singleValue, help: "Only this event type; may be repeated.")
    var type: [String] = []
    @Option(name: .long, help: ArgumentHelp("Only this conversation.", valueName: "uuid"))
    var correlation: String?
    @Option(name: .long, help: "Only this tenant.")
    var workspace: String?

    /// - Throws: ``Failure`` when a name cannot be one.
    func filter() throws(Failure) -> EventFilter {
        var filter = EventFilter()
        do throws(NameFlaw) {
            if let stream { filter.stream = try StreamName(stream) }
            for name in category { filter.categories.append(try Category(name)) }
            for name in type { filter.types.append(try EventType(name)) }
            if let workspace { filter.workspace = try Workspace(workspace) }
        } catch {
            throw Failure(.usage, error.description, hint: "see `lockstep read --help`")
        }
        if let correlation {
            guard let id = UUID(uuidString: correlation) else {
                throw Failure(
                    .usage,
                    "--correlation is \"\(Table.printable(correlation, cutAt: 40))\" and must be a UUID",
                    hint: "copy it from the correlation_id of an event")
            }
            filter.correlation = id
        }
        return filter
    }
}

/// Which events are wanted. The store selects by the most telling part, the rest is compared here.
struct EventFilter: Sendable, Equatable {
    var stream: StreamName?
    var categories: [Category] = []
    var types: [EventType] = []
    var correlation: UUID?
    var workspace: Workspace?

    /// What the store is asked for, over all streams.
    var selection: EventQuery.Selection {
        if let correlation { return .correlation(correlation) }
        guard workspace != nil || !categories.isEmpty || !types.isEmpty || stream != nil else { return .all }
        let wanted = categories.isEmpty ? stream.map { [$0.category] } ?? [] : categories
        return .kinds(workspace: workspace, categories: wanted, types: types)
    }

    func matches(_ event: RecordedEvent) -> Bool {
        if let correlation, event.correlationID != correlation { return false }
        if let workspace, event.workspace != workspace { return false }
        if !categories.isEmpty, !categories.contains(event.category) { return false }
        if !types.isEmpty, !types.contains(event.type) { return false }
        if let stream, event.stream != stream { return false }
        return true
    }
}
