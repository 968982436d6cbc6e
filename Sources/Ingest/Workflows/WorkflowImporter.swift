import EventModel
import EventSourcing
import FoundationEssentials
import WorkflowDomain

/// Makes the content of files facts of the log: folds the workflow's stream, decides, and appends what the decision says.
///
/// Importing is idempotent by content: a workflow that is in the log as it is in the file appends nothing. An import that is killed and
/// repeated cannot append twice either, because each append expects the version that it was decided against.
public struct WorkflowImporter<Store: EventStore>: Sendable {
    private let store: Store
    private let workspace: Workspace
    private let actor: String?
    private let limits: ImportLimits
    private let time: any Timekeeper
    private let random: any RandomSource

    /// An importer into `workspace`.
    ///
    /// - Parameter actor: who imports, as it is recorded; 1 to 200 bytes.
    public init(
        into store: Store, workspace: Workspace = .default, actor: String? = nil, limits: ImportLimits = ImportLimits(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        self.store = store
        self.workspace = workspace
        self.actor = actor
        self.limits = limits
        self.time = time
        self.random = random
    }

    /// Imports a workflow that has been read from a file.
    ///
    /// - Throws: ``ImportError``; nothing was appended then, except after an unknown outcome that retrying did not clear up, when a
    ///   repetition of the import tells.
    public func run(_ reading: WorkflowReading) async throws(ImportError) -> WorkflowImport {
        let stream = try Self.stream(of: reading)
        for _ in 0..<limits.attempts {
            let folded = try await fold(stream)
            let events: [WorkflowEvent]
            do throws(WorkflowDecider.Rejection) {
                events = try WorkflowDecider.decide(reading.command, folded.state)
            } catch {
                throw .rejected(error)
            }
            guard !events.isEmpty else {
                return WorkflowImport(
                    reading, .unchanged, stream: stream, version: folded.version, position: folded.position,
                    original: .notAgain)
            }
            let request = request(events, of: reading, to: stream, after: folded.version)
            switch try await append(request) {
            case .appended(let receipt), .repeated(let receipt):
                return WorkflowImport(
                    reading, folded.version == nil ? .imported : .revised, stream: stream,
                    version: receipt.versions.first, position: receipt.last, original: OriginalOutcome(events))
            case .conflict: continue  // Somebody else imported meanwhile: fold again and decide anew.
            }
        }
        throw .contended(stream: stream, attempts: limits.attempts)
    }

    private static func stream(of reading: WorkflowReading) throws(ImportError) -> StreamName {
        do throws(NameFlaw) {
            return try StreamName(category: Category(WorkflowEvent.category), key: reading.id.text)
        } catch {
            throw .name(error)
        }
    }
}

// MARK: Folding

extension WorkflowImporter {
    private struct Folded {
        var state = WorkflowDecider.initialState
        var version: StreamVersion?
        var position: GlobalPosition?
    }

    private func fold(_ stream: StreamName) async throws(ImportError) -> Folded {
        var folded = Folded()
        var query: StreamQuery? = StreamQuery(workspace: workspace, stream)
        while let current = query {
            let page = try await retrying { () async throws(StoreError) in try await store.read(current) }
            for event in page.events {
                folded.state = WorkflowDecider.evolve(folded.state, try Self.decode(event))
                folded.version = event.version
                folded.position = event.position
            }
            query = current.next(after: page)
        }
        return folded
    }

    private static func decode(_ event: RecordedEvent) throws(ImportError) -> WorkflowEvent {
        do throws(EventFlaw) {
            return try WorkflowEvent(event)
        } catch {
            throw .unreadableEvent(stream: event.stream, version: event.version, error)
        }
    }
}

// MARK: Appending

extension WorkflowImporter {
    private func request(
        _ events: [WorkflowEvent], of reading: WorkflowReading, to stream: StreamName, after version: StreamVersion?
    ) -> AppendRequest {
        let now = time.now()
        let command = ImportCommandID.derived(of: reading, into: workspace, stream, after: version)
        let drafts = events.enumerated().map { index, event in
            EventDraft(
                id: TimeOrderedID.derived(from: command, index: index, at: now), type: event.type,
                schemaVersion: event.schemaVersion, data: event.encoded(), correlationID: command, actor: actor,
                occurredAt: now)
        }
        return AppendRequest(
            workspace: workspace, drafts, to: stream, expecting: version.map(ExpectedVersion.exactly) ?? .noStream)
    }

    /// Retries with the same ids, so that an unknown outcome is cleared up: the answer is the first one.
    private func append(_ request: AppendRequest) async throws(ImportError) -> AppendOutcome {
        try await retrying { () async throws(StoreError) in try await store.append(request) }
    }

    private func retrying<R: Sendable>(_ call: () async throws(StoreError) -> R) async throws(ImportError) -> R {
        var backoff = Backoff(base: .milliseconds(50), cap: .seconds(2))
        var attempt = 1
        while true {
            do throws(StoreError) {
                return try await call()
            } catch {
                guard error.isTransient, attempt < limits.attempts else { throw .store(error) }
                attempt += 1
            }
            do throws(CancellationError) { try await time.sleep(for: backoff.next(random)) } catch {
                throw .store(.cancelled)
            }
        }
    }
}
