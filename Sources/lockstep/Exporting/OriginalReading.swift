import EventModel
import EventSourcing
import WorkflowDomain

/// Reads the file that a workflow or a journey was imported from, as it was.
struct OriginalReading<Event: OriginalTelling, Store: EventStore>: Sendable {
    /// A log that opens what is sealed, for whoever may see it.
    let store: Store
    let workspace: Workspace

    /// - Parameter revision: the revision that the file became; `nil`: the newest one that came from a file.
    /// - Throws: ``Failure`` saying why there is no such file, or why this reader cannot have it; `StoreError`.
    func file(of stream: StreamName, revision: Int?) async throws -> ImportedFile {
        var search = OriginalSearch(of: Event.category, revision: revision)
        var next: StreamQuery? = StreamQuery(workspace: workspace, stream)
        while let query = next {
            let page = try await store.read(query)
            // The record of an erasure stands in the streams that it concerns; what it took away is seen in the values.
            for event in page.events where event.type != SubjectEvent.erasedType {
                try Self.read(event).tell(&search)
            }
            next = query.next(after: page)
        }
        do throws(OriginalFlaw) { return try search.result() } catch { throw Failure(error, of: stream) }
    }

    private static func read(_ event: RecordedEvent) throws(Failure) -> Event {
        do throws(EventFlaw) { return try Event(event) } catch {
            throw Failure(
                .environment,
                "version \(event.version) of \(event.stream) was not written by this version of Lockstep: \(error)",
                hint: "install the version that wrote it")
        }
    }
}

extension Failure {
    /// Why a file is not given out.
    init(_ flaw: OriginalFlaw, of stream: StreamName) {
        let status: ExitStatus =
            switch flaw {
            case .unknown, .noRevision, .notFromFile, .erased, .tooLarge: .no
            case .sealed: .environment
            case .incomplete, .damaged: .internal
            }
        self.init(status, describing: flaw.description, otherwise: "see `lockstep export --help`")
        error = "\(stream): \(error)"
    }
}
