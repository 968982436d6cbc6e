import EventModel
import EventSourcing

extension PublisherMachine {
    /// Makes the chain of a batch and sends what the partitions do not hold yet.
    mutating func admit(_ batch: SubscriptionBatch) -> [Action] {
        isReading = false
        guard let last = batch.events.last else { return readOn() }
        var records: [OutgoingBatch.Record] = []
        records.reserveCapacity(batch.events.count)
        var bytes = 0
        for index in batch.events.indices {
            let event = batch.events[index]
            let lane = Lane(of: event, count: configuration.lanes)
            let point = chain[Int(lane.rawValue)]
            guard event.position > point.heldThrough else { continue }
            records.append(OutgoingBatch.Record(index: index, lane: lane, previous: point.end))
            chain[Int(lane.rawValue)].end = event.position
            bytes += event.byteCount
        }
        cursor = last.position
        let outgoing = OutgoingBatch(number: window.nextNumber, events: batch.events, records: records)
        window.append(outgoing, bytes: bytes, isTail: batch.isTail)
        // Reading ahead first: the next page is fetched while this one is encoded.
        return readOn() + [.send(outgoing)]
    }

    /// Takes an outcome; moves over the contiguous prefix of acknowledged batches.
    mutating func settle(_ number: Int, _ outcome: DeliveryOutcome, _ digest: CompletenessDigest) -> [Action] {
        switch outcome {
        case .failed(let reason): return end(.disturbed(.deliveryFailed(reason: reason)))
        case .acknowledged(let offsets): window.acknowledge(number, offsets: offsets, digest: digest)
        }
        while let batch = window.popAcknowledged() {
            if let disturbance = moveOver(batch) { return end(.disturbed(disturbance)) }
        }
        return readOn() + saveWhenFull() + finishWhenDrained()
    }

    /// Moves the prefix over one acknowledged batch, unless the offsets say that the partition is not what we believe it is.
    private mutating func moveOver(_ batch: AcknowledgedBatch) -> Disturbance? {
        for (record, offset) in zip(batch.outgoing.records, batch.offsets) {
            let lane = Int(record.lane.rawValue)
            let expected = chain[lane].nextOffset
            if offset < expected {
                return .offsetWentBack(lane: record.lane, expected: expected, acknowledged: offset)
            }
            if offset > expected, !expectsGaps {
                return .offsetJumped(lane: record.lane, expected: expected, acknowledged: offset)
            }
            chain[lane].nextOffset = offset + 1
            chain[lane].record = PartitionEnd(position: batch.outgoing.events[record.index].position, offset: offset)
        }
        guard let last = batch.outgoing.events.last else { return nil }
        progress.position = last.position
        progress.lastEventID = last.id
        progress.eventsHandled += Int64(batch.outgoing.events.count)
        progress.digest = progress.digest.adding(batch.digest)
        progress.state = (batch.isTail ? PublisherState.live : .catchingUp).rawValue
        return nil
    }

    private mutating func readOn() -> [Action] {
        guard case .running = phase, !isReading, window.hasRoom(configuration.limits) else { return [] }
        isReading = true
        return [.read(after: cursor)]
    }
}

extension PublisherMachine {
    /// The checkpoint of what is acknowledged now.
    var checkpoint: PublishingCheckpoint {
        PublishingCheckpoint(progress: progress, topic: configuration.topic, ends: ends(of: chain))
    }

    func ends(of chain: [ChainPoint]) -> [Lane: PartitionEnd] {
        var ends: [Lane: PartitionEnd] = [:]
        for (index, point) in chain.enumerated() { ends[Lane(Int32(index))] = point.record }
        return ends
    }

    /// The checkpoint to store when the run has ended, if there is one that is newer than what is stored for certain.
    public var unsaved: (checkpoint: PublishingCheckpoint, from: GlobalPosition)? {
        guard !ledger.isSaving, progress.position != ledger.storedPosition, !chain.isEmpty else { return nil }
        return (checkpoint, ledger.storedPosition)
    }

    /// Stores the present checkpoint now.
    mutating func save() -> [Action] {
        guard !ledger.isSaving else { return [] }
        ledger.begin(progress.position)
        return [.save(checkpoint, from: ledger.storedPosition)]
    }

    mutating func saveWhenFull() -> [Action] {
        let waiting = ledger.savedPosition.distance(to: progress.position)
        guard waiting > 0 else { return [] }
        if waiting >= configuration.limits.checkpointEvents { return save() }
        guard !ledger.isTimed else { return [] }
        ledger.isTimed = true
        return [.saveLater]
    }

    mutating func saveWhenDue() -> [Action] {
        ledger.isTimed = false
        guard progress.position != ledger.savedPosition else { return [] }
        return save()
    }

    mutating func confirmSave(_ answer: AdvanceAnswer) -> [Action] {
        switch answer {
        case .advanced:
            ledger.confirm()
            return saveWhenFull() + finishWhenDrained()
        case .fenced, .moved: return end(.superseded(answer))
        }
    }

    mutating func drain() -> [Action] {
        phase = .draining
        let actions = finishWhenDrained()
        return window.isEmpty ? actions : [.limitDrain] + actions
    }

    /// When shutting down: the last acknowledgement is followed by a checkpoint, and that by the end.
    mutating func finishWhenDrained() -> [Action] {
        guard case .draining = phase, window.isEmpty, !ledger.isSaving else { return [] }
        let stopped = PublisherState.stopped.rawValue
        guard progress.position == ledger.savedPosition, progress.state == stopped else {
            progress.state = stopped
            return save()
        }
        return end(.finished(undelivered: 0))
    }
}
