import EventModel
import EventSourcing
import PostgresDriver

/// The one writer of a process: commits batches over a connection of its own, which it opens when it needs one and drops on any doubt.
actor LogWriter {
    private let configuration: PostgresConfiguration
    private let kinds: KindRegistry
    private let signal: AppendSignal
    private let thread: ConnectionThread?
    private var connection: PostgresConnection?

    /// How long a commit waits for the log's lock before its callers are told to try again: another writer, or a person at a prompt, may
    /// hold it.
    private static let lockTimeoutMilliseconds = 30_000

    /// - Parameter thread: where the caller lives, and the connection is to live as well.
    init(configuration: PostgresConfiguration, kinds: KindRegistry, signal: AppendSignal, thread: ConnectionThread?) {
        var configuration = configuration
        configuration.settings.append((name: "lock_timeout", value: "\(Self.lockTimeoutMilliseconds)"))
        self.configuration = configuration
        self.kinds = kinds
        self.signal = signal
        self.thread = thread
    }

    /// Stores a batch and answers every request. Never throws: a fault of the connection is everybody's answer.
    func commit(_ batch: [CheckedAppend]) async -> [Result<AppendOutcome, StoreError>] {
        do {
            let connection = try await openConnection()
            try await ensureKinds(of: batch, on: connection)
            let answers = try await AppendCall(batch) { kind in
                kinds.numbers(of: kind) ?? KindRegistry.Numbers(kind: 0, workspace: 0)
            }.run(on: connection)
            announce(answers)
            return answers
        } catch let error as StoreError {
            if case .refused = error { return await commitOneByOne(batch, because: error) }
            return batch.map { _ in .failure(error) }
        } catch {
            await drop()
            return batch.map { _ in .failure(StoreError(any: error)) }
        }
    }

    func close() async { await drop() }

    /// A refusal that belongs to one request must not fail its neighbours.
    private func commitOneByOne(
        _ batch: [CheckedAppend], because error: StoreError
    ) async -> [Result<AppendOutcome, StoreError>] {
        guard batch.count > 1 else { return [.failure(error)] }
        var answers: [Result<AppendOutcome, StoreError>] = []
        for append in batch { answers += await commit([append]) }
        return answers
    }

    private func ensureKinds(of batch: [CheckedAppend], on connection: PostgresConnection) async throws {
        for append in batch {
            for part in append.request.streams {
                let category = part.stream.category
                var last: EventType?
                for event in part.events where event.type != last {
                    last = event.type
                    let kind = EventKind(workspace: append.request.workspace, category: category, type: event.type)
                    _ = try await kinds.ensure(kind, on: connection)
                }
            }
        }
    }

    private func announce(_ answers: [Result<AppendOutcome, StoreError>]) {
        var end = GlobalPosition.start
        for case .success(.appended(let receipt)) in answers { end = max(end, receipt.last) }
        if end > .start { signal.committed(through: end) }
    }

    private func openConnection() async throws -> PostgresConnection {
        if let connection, connection.isUsable { return connection }
        await drop()
        let opened = try await PostgresConnection.connect(configuration, on: thread)
        do {
            try await Migrator.checkVersion(on: opened)
            try await HistoryCheck.confirm(on: opened)
            try await kinds.refresh(on: opened)
        } catch {
            await opened.close()
            throw error
        }
        connection = opened
        return opened
    }

    private func drop() async {
        guard let old = connection else { return }
        connection = nil
        await old.close()
    }
}
