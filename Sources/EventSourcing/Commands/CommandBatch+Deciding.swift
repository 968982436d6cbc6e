import EventModel

extension CommandBatch {
    /// What came of trying to decide a command.
    private enum Attempt {
        /// Decided; the streams concerned.
        case kept([Int])
        /// Answered already: its events fit no append.
        case answered
        /// A stream that it concerns has to be read first, or must not be touched again in this append.
        case blocked
        /// The append is full.
        case full
    }

    /// A decision and what it causes, before they are kept.
    private struct Plan {
        /// The streams concerned as they would be, the command's own first.
        var trials: [(place: Int, work: StreamWork<D>)]
        var events = 0
        var bytes = 0
    }

    /// Decides waiting commands in order, as many as one append holds.
    ///
    /// - Returns: the places of the streams concerned, in the order of their first command.
    mutating func decide() -> [Int] {
        var touched: [Int] = []
        var isTouched = Set<Int>()
        var passedOver: [Int] = []
        var blocked = Set<Int>()
        var (events, bytes) = (0, 0)
        var index = 0
        loop: while index < waiting.count {
            let command = waiting[index]
            let place = places[command]
            switch blocked.contains(place) ? .blocked : decide(command, at: place, &events, &bytes) {
            case .kept(let places): for place in places where isTouched.insert(place).inserted { touched.append(place) }
            case .answered: break
            case .blocked:
                blocked.insert(place)
                passedOver.append(command)
            case .full: break loop
            }
            index += 1
        }
        waiting = passedOver + waiting[index...]
        return touched
    }

    private mutating func decide(_ command: Int, at place: Int, _ events: inout Int, _ bytes: inout Int) -> Attempt {
        if streams[place].knowledge == .unread || (streams[place].isAlone && streams[place].eventCount > 0) {
            return .blocked
        }
        let asked = commands[command]
        let verdict = streams[place].verdict(on: asked.command, asked.context)
        guard case .events(let made, let drafts, let size) = verdict else {
            streams[place].keep(verdict, on: command, evolve: evolve)
            return .kept([place])
        }
        if let consequences {
            let caused = consequences(asked, made, streams[place].tip)
            if !caused.isEmpty {
                return decide(command, at: place, verdict, drafts, caused, &events, &bytes)
            }
        }
        if let flaw = flaw(of: drafts, bytes: size, in: streams[place].stream) { return answer(command, with: flaw) }
        guard events + drafts.count <= limits.appendEvents, bytes + size <= limits.appendBytes else { return .full }
        events += drafts.count
        bytes += size
        streams[place].keep(verdict, on: command, evolve: evolve)
        return .kept([place])
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
    /// Decides a command together with what it causes elsewhere: everything is kept, or nothing.
    private mutating func decide(
        _ command: Int, at place: Int, _ verdict: StreamWork<D>.Verdict, _ drafts: [EventDraft],
        _ caused: [CommandConsequence<D>], _ events: inout Int, _ bytes: inout Int
    ) -> Attempt {
        var plan = Plan(trials: [(place, streams[place])])
        plan.trials[0].work.keep(verdict, on: command, evolve: evolve)
        if let flaw = add(verdict, to: &plan, at: 0) { return answer(command, with: flaw) }
        for consequence in caused {
            var context = commands[command].context
            if drafts.indices.contains(consequence.cause) { context.causationID = drafts[consequence.cause].id }
            let other = self.place(of: consequence.stream)
            let index = plan.trials.firstIndex { $0.place == other } ?? plan.trials.count
            if index == plan.trials.count { plan.trials.append((other, streams[other])) }
            let work = plan.trials[index].work
            if let error = unreadable(other) {
                answers[command] = .failure(error)
                return .answered
            }
            guard work.knowledge != .unread, !(streams[other].isAlone && streams[other].eventCount > 0) else {
                return want(other)
            }
            let answer = work.verdict(on: consequence.command, context)
            if case .rejected = answer {
                streams[place].keep(answer, on: command, evolve: evolve)
                return .kept([place])
            }
            if answer.eventCount == 0, work.knowledge == .remembered, work.eventCount == 0 { return want(other) }
            plan.trials[index].work.keep(answer, on: command, asConsequence: true, evolve: evolve)
            if let flaw = add(answer, to: &plan, at: index) { return self.answer(command, with: flaw) }
        }
        guard events + plan.events <= limits.appendEvents, bytes + plan.bytes <= limits.appendBytes else {
            return .full
        }
        events += plan.events
        bytes += plan.bytes
        plan.trials[0].work.note(caused: plan.events - drafts.count, by: command)
        for trial in plan.trials {
            streams[trial.place] = trial.work
            join(place, trial.place)
        }
        return .kept(plan.trials.map(\.place))
    }

    /// The stream has to be read before anything can be caused in it.
    private mutating func want(_ place: Int) -> Attempt {
        streams[place].isWanted = true
        if streams[place].decisions.isEmpty, !streams[place].isAlone { streams[place].knowledge = .unread }
        return .blocked
    }

    private func add(_ verdict: StreamWork<D>.Verdict, to plan: inout Plan, at index: Int) -> AppendFlaw? {
        guard case .events(_, let drafts, let size) = verdict else { return nil }
        plan.events += drafts.count
        plan.bytes += size
        return flaw(of: drafts, bytes: size, in: plan.trials[index].work.stream)
            ?? flaw(ofEvents: plan.events, bytes: plan.bytes)
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
