import EventModel
import EventSourcing
import ReadModels

extension StateMachine {
    /// Takes a batch. The keys that it moves and whose state is not at hand are folded anew, to the head as it was when the batch was read.
    mutating func admit(_ batch: SubscriptionBatch) -> Action {
        head = max(head, batch.head)
        var cold: Set<StateKey> = []
        for event in batch.events {
            guard let key = concerned(by: event, &cold) else { continue }
            let lane = Int(Lane(of: event, count: configuration.lanes).rawValue)
            if let known = cache[key] {
                working[key] = known
            } else if event.position > lanes[lane].held {
                cold.insert(key)
            }
        }
        guard cold.isEmpty else { return load(cold.sorted(), batch) }
        return write(batch, [:])
    }

    /// The key that an event moves. What the projection leaves out from here on may let keys go on that stand still.
    private mutating func concerned(by event: RecordedEvent, _ cold: inout Set<StateKey>) -> StateKey? {
        if event.category.rawValue == ProjectionEvent.category,
            event.stream == ProjectionEvent.stream(of: projection.name)
        {
            let before = skips.count
            skips.take(event)
            if skips.count > before { cold.formUnion(standing.keys) }
        }
        guard projection.interest.includes(event) else { return nil }
        // An event that does not tell its row concerns the rows of its sync key: folding says what is wrong with it.
        do throws(ProjectionFault) {
            return try projection.key(of: event) == nil ? nil : StateKey(of: event)
        } catch {
            return StateKey(of: event)
        }
    }

    /// Folds the batch, and hands out the states that it has changed.
    mutating func write(_ batch: SubscriptionBatch?, _ loaded: [StateKey: KeyState]) -> Action {
        let before = working.compactMapValues { $0.cause?.position }
        working.merge(loaded) { _, anew in anew }
        for event in batch?.events ?? .empty where isFolded(event) {
            working[StateKey(of: event)]?.fold(event, by: projection, skipping: skips)
        }
        // In order, so that what is remembered of them, and with it the whole run, follows from the inputs alone.
        var moved: [StateKey: KeyState] = [:]
        for (key, state) in working.sorted(by: { $0.key < $1.key }) where take(state, of: key, before: before[key]) {
            moved[key] = state
        }
        working = [:]
        if standing.count > configuration.limits.standingKeys {
            return end(
                .refused(
                    .keysStandStill(
                        topic: configuration.topic, count: standing.count, limit: configuration.limits.standingKeys)))
        }
        let records = records(of: moved, in: batch)
        guard !records.isEmpty else { return settle(batch) }
        phase = .sending(batch, records)
        return .send(records)
    }

    private func isFolded(_ event: RecordedEvent) -> Bool {
        event.category.rawValue != ProjectionEvent.category && projection.interest.includes(event)
    }

    /// Remembers a state.
    ///
    /// - Parameter before: the position of the state that is in the topic for certain; `nil` when that is not known.
    /// - Returns: whether it is to be written.
    private mutating func take(_ state: KeyState, of key: StateKey, before: GlobalPosition?) -> Bool {
        let position = state.cause?.position
        guard let fault = state.fault else {
            if standing.removeValue(forKey: key) != nil { notice(.goesOn(key)) }
            cache.keep(state, of: key)
            return position != nil && position != before
        }
        cache.forget(key)
        let known = standing[key]
        if known?.fault != fault { notice(.standsStill(key, cause: fault.description)) }
        standing[key] = Standing(fault: fault, written: position)
        return position != nil && position != (before ?? known?.written)
    }

    /// In the order of their positions. A state may be ahead of the batch, because keys are folded to the head; so only the last record of each
    /// partition says that the partition is whole up to the end of the batch.
    private mutating func records(of moved: [StateKey: KeyState], in batch: SubscriptionBatch?) -> [StateRecord] {
        let states = moved.compactMap { key, state in state.cause.map { (key, state, $0) } }
        var records = states.sorted { $0.2.position < $1.2.position }.map { key, state, cause in
            let lane = key.lane(of: configuration.lanes)
            lanes[Int(lane.rawValue)].sequence += 1
            let mark = StateMark(
                position: cause.position, eventID: cause.eventID, incarnation: progress.incarnation,
                fold: projection.version, through: lanes[Int(lane.rawValue)].whole(progress.position),
                sequence: lanes[Int(lane.rawValue)].sequence, writer: configuration.writer)
            return StateRecord(
                key: key, lane: lane, mark: mark, recordedAt: cause.recordedAt,
                value: state.row.map(projection.table.json))
        }
        guard let end = batch?.events.last?.position else { return records }
        var marked: Set<Lane> = []
        for index in records.indices.reversed() where marked.insert(records[index].lane).inserted {
            records[index].mark.through = max(records[index].mark.through, end)
        }
        return records
    }

    private mutating func load(_ keys: [StateKey], _ batch: SubscriptionBatch?) -> Action {
        phase = .loading(batch)
        return .load(keys, through: head)
    }

    /// Takes note of what the broker has acknowledged.
    mutating func settle(
        _ batch: SubscriptionBatch?, _ records: [StateRecord], _ outcome: DeliveryOutcome
    ) -> Action {
        guard case .acknowledged(let offsets) = outcome, offsets.count == records.count else {
            guard case .failed(let reason) = outcome else {
                return end(.disturbed(.deliveryFailed(reason: "not every record was answered")))
            }
            return end(.disturbed(.deliveryFailed(reason: reason)))
        }
        for (record, offset) in zip(records, offsets) {
            let index = Int(record.lane.rawValue)
            let expected = lanes[index].nextOffset
            guard offset == expected else {
                return end(
                    .disturbed(
                        offset < expected
                            ? .offsetWentBack(lane: record.lane, expected: expected, acknowledged: offset)
                            : .offsetJumped(lane: record.lane, expected: expected, acknowledged: offset)))
            }
            lanes[index].nextOffset = offset + 1
            lanes[index].record = PartitionEnd(position: record.mark.position, offset: offset)
        }
        return settle(batch)
    }

    /// The batch is in the topic, or concerned nothing in it.
    private mutating func settle(_ batch: SubscriptionBatch?) -> Action {
        for event in batch?.events ?? .empty { progress.handle(event) }
        progress.state = (progress.position >= head ? PublisherState.live : .catchingUp).rawValue
        guard progress.position != stored, now - savedAt >= configuration.limits.checkpointInterval else {
            return read()
        }
        return save(isLast: false)
    }

    private mutating func read() -> Action {
        guard suspects.isEmpty else {
            let next = Array(suspects.prefix(configuration.limits.batchEvents))
            suspects.removeFirst(next.count)
            return load(next, nil)
        }
        phase = .reading
        return .read(after: progress.position)
    }

    /// Nothing is to be read: time for the checkpoint, and for the keys that stand still.
    mutating func rest() -> Action {
        if progress.position != stored { return save(isLast: false) }
        guard !standing.isEmpty, now - triedAt >= configuration.limits.retryInterval else { return read() }
        triedAt = now
        suspects = standing.keys.sorted()
        return read()
    }

    mutating func stop() -> Action {
        progress.state = PublisherState.stopped.rawValue
        return save(isLast: true)
    }

    func checkpoint() -> PublishingCheckpoint {
        var progress = progress
        progress.lastError = standing.isEmpty ? nil : standingText
        var ends: [Lane: PartitionEnd] = [:]
        // A partition without a record is named as well: a log without executions has a checkpoint, too.
        for (index, lane) in lanes.enumerated() {
            ends[Lane(Int32(index))] = lane.record ?? PartitionEnd(position: .start, offset: 0)
        }
        return PublishingCheckpoint(progress: progress, topic: configuration.topic, ends: ends)
    }

    /// Which keys stand still, the first of them by name.
    private var standingText: String {
        let first = standing.keys.sorted().first
        let cause = first.flatMap { standing[$0]?.fault?.description } ?? "its read model has set it aside"
        return "\(standing.count) keys stand still; the first, \(first?.syncKey ?? ""), because \(cause)"
    }

    mutating func save(isLast: Bool) -> Action {
        phase = .saving(isLast: isLast)
        return .save(checkpoint(), from: stored)
    }

    mutating func confirm(_ answer: AdvanceAnswer, isLast: Bool) -> Action {
        guard answer == .advanced else { return end(.superseded(answer)) }
        stored = progress.position
        savedAt = now
        return isLast ? end(.finished(undelivered: 0)) : read()
    }
}
