import EventModel

extension CommandBatch {
    /// What came of trying to decide a command.
    private enum Attempt {
        /// Decided.
        case kept
        /// Answered already: its events fit no append.
        case answered
        /// A stream that it concerns has to be read first, or must not be touched again in this append.
        case blocked
        /// The append is full.
        case full
    }

    /// An append that is being filled.
    private struct Filling {
        /// The streams concerned, in the order of their first command.
        var touched: [Int] = []
        var events = 0
        var bytes = 0
    }

    /// Decides waiting commands in order, as many as one append holds.
    ///
    /// - Returns: the places of the streams concerned, in the order of their first command.
    mutating func decide() -> [Int] {
        var filling = Filling()
        var passedOver: [Int] = []
        var blocked = Set<Int>()
        var index = 0
        loop: while index < waiting.count {
            let command = waiting[index]
            let isBlocked = !blocked.isEmpty && blocked.contains(places[command])
            switch isBlocked ? .blocked : decide(command, at: places[command], into: &filling) {
            case .kept, .answered: break
            case .blocked:
                blocked.insert(places[command])
                passedOver.append(command)
            case .full: break loop
            }
            index += 1
        }
        waiting = passedOver + waiting[index...]
        for place in filling.touched { streams[place].isTouched = false }
        return filling.touched
    }

    private mutating func decide(_ command: Int, at place: Int, into filling: inout Filling) -> Attempt {
        if streams[place].knowledge == .unread || (streams[place].isAlone && streams[place].eventCount > 0) {
            return .blocked
        }
        let asked = commands[command]
        let verdict = streams[place].decide(asked.command, asked.context)
        guard case .events(let made, let drafts, let bytes) = verdict else {
            keep(verdict, on: command, at: place, in: &filling)
            return .kept
        }
        if let caused = consequences?(asked, made, streams[place].tip), !caused.isEmpty {
            return decide(command, at: place, verdict, caused, into: &filling)
        }
        if let flaw = flaw(of: drafts, bytes: bytes, in: streams[place].stream) {
            streams[place].takeBack(command)
            return answer(command, with: flaw)
        }
        guard hasRoom(for: drafts.count, bytes: bytes, in: filling) else {
            streams[place].takeBack(command)
            return .full
        }
        filling.events += drafts.count
        filling.bytes += bytes
        keep(verdict, on: command, at: place, in: &filling)
        return .kept
    }

    private mutating func keep(
        _ verdict: StreamWork<D>.Verdict, on command: Int, at place: Int, in filling: inout Filling
    ) {
        streams[place].keep(verdict, on: command)
        touch(place, in: &filling)
    }

    private mutating func touch(_ place: Int, in filling: inout Filling) {
        guard !streams[place].isTouched else { return }
        streams[place].isTouched = true
        filling.touched.append(place)
    }

    private func hasRoom(for events: Int, bytes: Int, in filling: Filling) -> Bool {
        filling.events + events <= limits.appendEvents && filling.bytes + bytes <= limits.appendBytes
    }

    private mutating func answer(_ command: Int, with flaw: AppendFlaw) -> Attempt {
        answers[command] = .failure(.store(.refused(flaw)))
        return .answered
    }

    /// Why the events of one command fit no append, whatever else is in it.
    private func flaw(of drafts: [EventDraft], bytes: Int, in stream: StreamName) -> AppendFlaw? {
        if let large = drafts.first(where: { $0.byteCount(in: stream) > AppendLimits.eventBytes }) {
            return .eventTooLarge(id: large.id, bytes: large.byteCount(in: stream), limit: AppendLimits.eventBytes)
        }
        return flaw(ofEvents: drafts.count, bytes: bytes)
    }

    private func flaw(ofEvents count: Int, bytes: Int) -> AppendFlaw? {
        if count > limits.appendEvents { return .tooManyEvents(count: count, limit: limits.appendEvents) }
        return bytes > limits.appendBytes ? .appendTooLarge(bytes: bytes, limit: limits.appendBytes) : nil
    }
}

// MARK: Consequences

extension CommandBatch {
    /// A decision and what it causes, as far as it is worked out.
    private struct Plan {
        /// The streams concerned, the command's own first.
        var places: [Int]
        var events = 0
        var bytes = 0
    }

    /// How a consequence goes wrong.
    private enum Obstacle: Error {
        /// Its stream has to be read first.
        case unread(Int)
        /// It is refused.
        case rejected(StreamWork<D>.Verdict)
        /// Its stream cannot be read, or its events fit no append.
        case failed(CommandError<D.Rejection>)
    }

    /// Decides a command together with what it causes elsewhere: everything is kept, or nothing.
    private mutating func decide(
        _ command: Int, at place: Int, _ verdict: StreamWork<D>.Verdict, _ caused: [CommandConsequence<D>],
        into filling: inout Filling
    ) -> Attempt {
        var plan = Plan(places: [place])
        do throws(Obstacle) {
            try keep(verdict, on: command, at: place, in: &plan)
            for consequence in caused { try decide(consequence, of: command, verdict, in: &plan) }
        } catch {
            for place in plan.places { streams[place].takeBack(command) }
            switch error {
            case .unread(let other): return want(other)
            case .rejected(let answer):
                keep(answer, on: command, at: place, in: &filling)
                return .kept
            case .failed(let error):
                answers[command] = .failure(error)
                return .answered
            }
        }
        guard hasRoom(for: plan.events, bytes: plan.bytes, in: filling) else {
            for place in plan.places { streams[place].takeBack(command) }
            return .full
        }
        filling.events += plan.events
        filling.bytes += plan.bytes
        streams[place].note(caused: plan.events - verdict.eventCount, by: command)
        for other in plan.places {
            touch(other, in: &filling)
            join(place, other)
        }
        return .kept
    }

    private mutating func decide(
        _ consequence: CommandConsequence<D>, of command: Int, _ cause: StreamWork<D>.Verdict, in plan: inout Plan
    ) throws(Obstacle) {
        let place = place(of: consequence.stream)
        if let error = unreadable(place) { throw .failed(error) }
        guard streams[place].knowledge != .unread, !(streams[place].isAlone && streams[place].eventCount > 0) else {
            throw .unread(place)
        }
        if !plan.places.contains(place) { plan.places.append(place) }
        var context = commands[command].context
        if let id = cause.event(consequence.cause) { context.causationID = id }
        let answer = streams[place].decide(consequence.command, context)
        if case .rejected = answer { throw .rejected(answer) }
        // Nothing new, as far as is remembered: others may have written since.
        let isDoubtful = answer.eventCount == 0 && streams[place].eventCount == 0
        if isDoubtful, streams[place].knowledge == .remembered { throw .unread(place) }
        try keep(answer, on: command, at: place, asConsequence: true, in: &plan)
    }

    /// The stream has to be read before anything can be caused in it.
    private mutating func want(_ place: Int) -> Attempt {
        streams[place].isWanted = true
        if streams[place].decisions.isEmpty, !streams[place].isAlone { streams[place].knowledge = .unread }
        return .blocked
    }

    private mutating func keep(
        _ verdict: StreamWork<D>.Verdict, on command: Int, at place: Int, asConsequence isConsequence: Bool = false,
        in plan: inout Plan
    ) throws(Obstacle) {
        streams[place].keep(verdict, on: command, asConsequence: isConsequence)
        guard case .events(_, let drafts, let bytes) = verdict else { return }
        plan.events += drafts.count
        plan.bytes += bytes
        let flaw =
            flaw(of: drafts, bytes: bytes, in: streams[place].stream)
            ?? flaw(ofEvents: plan.events, bytes: plan.bytes)
        if let flaw { throw .failed(.store(.refused(flaw))) }
    }

    private mutating func join(_ place: Int, _ other: Int) {
        let (leader, joined) = (leaders[place], leaders[other])
        guard leader != joined else { return }
        hasJoined = true
        for index in leaders.indices where leaders[index] == joined { leaders[index] = leader }
    }

    /// The streams whose decisions stand or fall with those of this one; at least itself.
    func group(of place: Int) -> [Int] {
        hasJoined ? leaders.indices.filter { leaders[$0] == leaders[place] } : [place]
    }
}

// MARK: Decisions without events, and decisions given up

extension CommandBatch {
    /// Decisions that append nothing are final when their stream has been read in this batch; otherwise it is read first, because others
    /// may have written since it was remembered.
    mutating func settleWithoutEvents(_ touched: [Int]) {
        for place in touched where streams[place].eventCount == 0 {
            guard group(of: place).allSatisfy({ streams[$0].eventCount == 0 }) else { continue }
            switch streams[place].knowledge {
            case .current: answer(streams[place].settle(.unchanged, from: nil))
            case .remembered, .unread: waitAgain(place, rereading: true)
            }
        }
    }

    mutating func answer(_ settled: [(Int, Answer)]) {
        for (command, answer) in settled { answers[command] = answer }
    }

    /// Gives up what was decided on a stream, and what stands or falls with it; the commands wait for another decision.
    mutating func waitAgain(_ place: Int, rereading: Bool) {
        var reverted: [Int] = []
        for member in group(of: place) { reverted += streams[member].revert() }
        if rereading {
            streams[place].knowledge = .unread
            streams[place].isWanted = streams[place].isWanted || group(of: place).count > 1
        }
        waiting = (reverted + waiting).sorted()
    }
}
