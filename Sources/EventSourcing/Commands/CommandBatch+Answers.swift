import EventModel
import FoundationEssentials

extension CommandBatch {
    /// A stream has been read to its end.
    mutating func read(_ folded: FoldedStream<D.State>, at place: Int) { streams[place].know(folded) }

    /// A stream holds an event that cannot be read: none of its commands can be decided.
    mutating func found(unreadable flaw: EventFlaw, in version: StreamVersion, at place: Int) {
        streams[place].unreadable = (version, flaw)
        streams[place].isWanted = false
        guard let error = unreadable(place) else { return }
        for command in waiting where places[command] == place { answers[command] = .failure(error) }
        waiting.removeAll { places[$0] == place }
    }

    /// What a command is answered that concerns a stream which cannot be read.
    func unreadable(_ place: Int) -> CommandError<D.Rejection>? {
        streams[place].unreadable.map {
            .unreadable(stream: streams[place].stream, version: $0.version, $0.flaw)
        }
    }

    /// The log failed: whatever has no answer yet gets this one.
    mutating func failed(_ error: StoreError) {
        for place in streams.indices { _ = streams[place].revert() }
        for command in answers.indices where answers[command] == nil { answers[command] = .failure(.store(error)) }
        waiting = []
        underWay = []
    }

    /// The appends under way have been answered.
    mutating func appended(_ outcomes: [Result<AppendOutcome, StoreError>]) {
        let requests = underWay
        underWay = []
        var fault: StoreError?
        for (places, outcome) in zip(requests, outcomes) {
            switch outcome {
            case .success(.appended(let receipt)): settle(places, .appended, from: receipt.first)
            case .success(.repeated(let receipt)): settle(places, .repeated, from: receipt.first)
            case .success(.conflict(let conflict)): lost(conflict, among: places)
            case .failure(.refused(let flaw)): refused(flaw, among: places)
            case .failure(let error): fault = error
            }
        }
        if let fault { failed(fault) }
    }

    private mutating func settle(
        _ places: [Int], _ effect: CommandOutcome<D.Event>.Effect, from first: GlobalPosition
    ) {
        var next = first
        for place in places {
            let count = streams[place].eventCount
            answer(streams[place].settle(effect, from: next))
            next = next.advanced(by: count)
        }
    }

    /// A stream was not at its version: it is read and decided anew, the others go again.
    private mutating func lost(_ conflict: VersionConflict, among places: [Int]) {
        guard let place = places.first(where: { streams[$0].stream == conflict.stream }) else { return split(places) }
        let group = group(of: place)
        contend(place)
        goAgain(places.filter { !group.contains($0) })
    }

    private mutating func contend(_ place: Int) {
        streams[place].conflicts += 1
        guard streams[place].conflicts >= limits.decisions else { return waitAgain(place, rereading: true) }
        let error = CommandError<D.Rejection>.contended(
            stream: streams[place].stream, attempts: streams[place].conflicts)
        for member in group(of: place) {
            for command in streams[member].revert() { answers[command] = .failure(error) }
        }
        streams[place].conflicts = 0
        streams[place].knowledge = .unread
    }

    /// The first time together, as there was most likely one culprit; then each stream on its own.
    private mutating func goAgain(_ places: [Int]) {
        guard !places.isEmpty else { return }
        guard hasStumbled else {
            hasStumbled = true
            return underWay.append(places)
        }
        split(places)
    }

    private mutating func split(_ places: [Int]) {
        var done = Set<Int>()
        for place in places where !done.contains(leaders[place]) {
            done.insert(leaders[place])
            underWay.append(places.filter { leaders[$0] == leaders[place] })
        }
    }

    /// The log will not have these events: the command at fault is found, the others go again.
    private mutating func refused(_ flaw: AppendFlaw, among places: [Int]) {
        if let id = flaw.event, let place = places.first(where: { streams[$0].command(of: id) != nil }),
            let command = streams[place].command(of: id)
        {
            let group = group(of: place)
            refused(flaw, command, at: place)
            return goAgain(places.filter { !group.contains($0) })
        }
        guard let place = places.first, Set(places.map { leaders[$0] }).count == 1 else { return split(places) }
        let commands = Set(places.flatMap { streams[$0].decisiveCommands })
        if commands.count == 1, let command = commands.first { return refused(flaw, command, at: place) }
        for place in places { streams[place].isAlone = true }
        waitAgain(place, rereading: false)
    }

    /// Events that the log knows already were stored by somebody who decided the same: reading the stream shows it. If it does not, the
    /// refusal stands.
    private mutating func refused(_ flaw: AppendFlaw, _ command: Int, at place: Int) {
        if flaw.saysThatEventsAreKnown, streams[place].doubt == nil {
            streams[place].doubt = flaw
            return waitAgain(place, rereading: true)
        }
        waitAgain(place, rereading: flaw.saysThatEventsAreKnown)
        waiting.removeAll { $0 == command }
        answers[command] = .failure(.store(.refused(flaw)))
        streams[place].doubt = nil
        for member in group(of: place) { streams[member].isAlone = false }
    }
}

extension AppendFlaw {
    /// The event at fault, where it is named.
    fileprivate var event: UUID? {
        switch self {
        case .duplicateID(let id), .eventTooLarge(let id, _, _), .invalidData(let id, _), .invalidMetadata(let id, _),
            .metadataNotObject(let id), .schemaVersionOutOfRange(let id, _, _), .invalidActor(let id, _, _),
            .timeOutOfRange(let id, _), .idReused(let id, _), .partlyRepeated(_, _, let id), .unsealable(let id, _):
            id
        case .nothingToAppend, .duplicateStream, .tooManyEvents, .appendTooLarge, .tooManyKinds: nil
        }
    }

    /// Whether some of the ids are in the log.
    fileprivate var saysThatEventsAreKnown: Bool {
        switch self {
        case .idReused, .partlyRepeated: true
        case .nothingToAppend, .duplicateStream, .duplicateID, .tooManyEvents, .appendTooLarge, .eventTooLarge,
            .invalidData, .invalidMetadata, .metadataNotObject, .schemaVersionOutOfRange, .invalidActor,
            .timeOutOfRange, .tooManyKinds, .unsealable:
            false
        }
    }
}
