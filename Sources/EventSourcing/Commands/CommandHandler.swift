import EventModel
import Synchronization

/// Lets a domain's rule decide over streams of the log: folds the stream, decides, and appends what the decision says, expecting exactly
/// the version that was decided against. When somebody else wrote first, the new events are folded and the decision is taken anew.
///
/// Calls of the store that fail for the moment are repeated with the same ids, so an unknown outcome is cleared up. States are remembered
/// between calls, within ``CommandLimits``; nothing is ever decided for good on a remembered state alone.
public final class CommandHandler<D: Decider & SendableMetatype, Store: EventStore>: Sendable
where D.Event: DomainEvent & SendableMetatype {
    /// The answer to one command of a batch.
    public typealias Answer = Result<CommandOutcome<D.Event>, CommandError<D.Rejection>>

    /// The tenant whose streams these are.
    public let workspace: Workspace
    private let limits: CommandLimits
    private let store: RetryingStore<Store>
    private let consequences: CommandConsequences<D>?
    private let remembered: Mutex<FoldedStreams<D.State>>

    /// A handler for the streams of a workspace.
    ///
    /// - Parameters:
    ///   - consequences: what the events of a command cause in other streams; nothing when `nil`.
    public init(
        _ store: Store, workspace: Workspace = .default, limits: CommandLimits = CommandLimits(),
        consequences: CommandConsequences<D>? = nil,
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        self.consequences = consequences
        self.workspace = workspace
        self.limits = limits
        self.store = RetryingStore(store, limits: limits, time: time, random: random)
        remembered = Mutex(FoldedStreams(streams: limits.cachedStreams, bytes: limits.cachedBytes))
    }

    /// Handles one command.
    ///
    /// - Throws: ``CommandError``. After ``CommandError/store(_:)``, unless the log refused, the events may have been stored: the same
    ///   command again tells.
    public func handle(_ command: StreamCommand<D>) async throws(CommandError<D.Rejection>) -> HandledCommand<D> {
        let batch = await run([command])
        guard let answer = batch.finalAnswers.first else { throw .store(.cancelled) }
        let outcome = try answer.get()
        let folded = batch.knowledge.first?.folded ?? FoldedStream(D.initialState)
        return HandledCommand(
            outcome: outcome, state: folded.state, version: folded.version, position: folded.position)
    }

    /// Handles commands in order: of each stream one after the other, and many streams in one append of at most
    /// ``CommandLimits/appendEvents`` events. A refused command never fails its neighbours. The caller bounds their number; 1 000 to
    /// 10 000 make good use of an append.
    ///
    /// - Returns: the answers in the order of the commands. When the log fails, those that had no answer yet get
    ///   ``CommandError/store(_:)``; handle them again.
    public func handle(_ commands: [StreamCommand<D>]) async -> [Answer] {
        let parts = min(limits.concurrentBatches, commands.count / limits.leastCommands)
        return parts > 1 ? await handle(commands, inParts: parts) : await run(commands).finalAnswers
    }

    /// Streams have nothing to do with one another: parts with different streams are handled side by side.
    private func handle(_ commands: [StreamCommand<D>], inParts count: Int) async -> [Answer] {
        var parts = [[StreamCommand<D>]](repeating: [], count: count)
        let places = commands.map { command in
            let part = Int(command.stream.spread % UInt64(count))
            parts[part].append(command)
            return (part: part, index: parts[part].count - 1)
        }
        let answers = await concurrently(parts, atMost: count) { await self.run($0).finalAnswers }
        return places.map { answers[$0.part][$0.index] }
    }

    private func run(_ commands: [StreamCommand<D>]) async -> CommandBatch<D> {
        var batch = remembered.withLock { remembered in
            CommandBatch(commands, in: workspace, limits: limits, consequences: consequences) { remembered.take($0) }
        }
        loop: while true {
            switch batch.next() {
            case .finish: break loop
            case .read(let readings, let conflicts): await read(readings, afterConflicts: conflicts, for: &batch)
            case .append(let requests): batch.appended(await append(requests))
            }
        }
        let knowledge = batch.knowledge
        remembered.withLock { remembered in
            for (stream, folded) in knowledge { remembered.put(folded, of: stream) }
        }
        return batch
    }
}

// MARK: Reading

extension CommandHandler {
    private typealias Reading = CommandBatch<D>.Reading

    private func read(_ readings: [Reading], afterConflicts conflicts: Int, for batch: inout CommandBatch<D>) async {
        do throws(StoreError) {
            try await store.pause(afterConflicts: conflicts)
        } catch { return batch.failed(error) }
        let readings = readings.map(recalling)
        let loading = StreamLoading<D, Store>(store: store, workspace: workspace)
        let found = await concurrently(readings, atMost: limits.concurrentReads) { reading in
            await Self.load(reading, loading)
        }
        for (reading, result) in zip(readings, found) {
            switch result {
            case .success(let folded): batch.read(folded, at: reading.place)
            case .failure(.store(let error)): return batch.failed(error)
            case .failure(.unreadable(let version, let flaw)):
                batch.found(unreadable: flaw, in: version, at: reading.place)
            }
        }
    }

    /// A stream that only now turns out to be concerned may be remembered from an earlier batch.
    private func recalling(_ reading: Reading) -> Reading {
        guard reading.folded.version == nil, let folded = remembered.withLock({ $0.take(reading.stream) }) else {
            return reading
        }
        return Reading(place: reading.place, stream: reading.stream, folded: folded)
    }
}

extension CommandHandler {
    private static func load(
        _ reading: Reading, _ loading: StreamLoading<D, Store>
    ) async -> Result<FoldedStream<D.State>, StreamLoading<D, Store>.Fault> {
        do throws(StreamLoading<D, Store>.Fault) {
            return .success(try await loading.load(reading.stream, onTopOf: reading.folded))
        } catch {
            return .failure(error)
        }
    }
}

// MARK: Appending

extension CommandHandler {
    private func append(_ requests: [AppendRequest]) async -> [Result<AppendOutcome, StoreError>] {
        await concurrently(requests, atMost: limits.concurrentAppends) { [store] request in
            do throws(StoreError) { return .success(try await store.append(request)) } catch { return .failure(error) }
        }
    }

    private func concurrently<Work: Sendable, R: Sendable>(
        _ work: [Work], atMost limit: Int, _ perform: @escaping @Sendable (Work) async -> R
    ) async -> [R] {
        guard work.count > 1 else {
            var results: [R] = []
            for item in work { results.append(await perform(item)) }
            return results
        }
        return await withTaskGroup(of: (Int, R).self) { group in
            var results = [R?](repeating: nil, count: work.count)
            var next = 0
            while next < min(limit, work.count) {
                group.addTask { [next] in (next, await perform(work[next])) }
                next += 1
            }
            for await (index, result) in group {
                results[index] = result
                guard next < work.count else { continue }
                group.addTask { [next] in (next, await perform(work[next])) }
                next += 1
            }
            return results.compactMap { $0 }
        }
    }
}

extension StreamName {
    /// A number that spreads names evenly: FNV-1a, the same in every process.
    fileprivate var spread: UInt64 {
        rawValue.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
