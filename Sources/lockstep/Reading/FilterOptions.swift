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
