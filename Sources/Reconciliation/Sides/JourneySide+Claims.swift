import EventModel
import JourneyDomain
import WorkflowDomain

extension JourneySide {
    /// What it says of the execution in the workflow's words.
    ///
    /// - `status`: `completed` once the journey came to its end: it stands in no state of it and has passed one from which the end is reached. Engines do not tell
    ///   an end from a change of the subject, so where the mapping does not say which states those are, it may be any. `cancelled` when the session is over otherwise,
    ///   else `running`. Nothing while no session was heard of.
    /// - `steps/<block>`: `started` while it stands in a state of the block, `completed` once it has passed one.
    /// - `variables/<name>`: what the custom event with the highest offset says in `{"lockstep":{"values":{"<key>":…}}}`; one that says `behind` which offset
    ///   it counts counts there.
    /// - `inputs/<block>`: an object of the inputs that states of the block have collected, by their names; of one name the highest offset counts. An input
    ///   of which nobody says which state asked for it is none.
    ///
    /// The origin of a step or an input of several states is that of the state that was heard of last. The origin of `status` is where the conversation left
    /// the journey or came back, whether that was its end or not.
    ///
    /// - Parameter names: the mapping that the execution pinned. Without one only the status can be told, and every journey counts for it.
    public func claims(by names: MappedNames?) -> Claims {
        guard let heard else { return Claims() }
        var claims = [status(by: names, heard)]
        guard let names else { return Claims(claims) }
        claims += steps(by: names)
        for (key, told) in sayings.values {
            guard let value = told.value, let variable = names.variable(of: key.text) else { continue }
            claims.append(Claim(FieldPath(.variables, [variable]), FieldValue(value), told.origin))
        }
        return Claims(claims + collected(by: names))
    }

    private func status(by names: MappedNames?, _ heard: Origin) -> Claim {
        let journeys = stays.turning.filter { names?.concerns($0.key) ?? true }
        let turned = journeys.values.max { $0.position < $1.position }
        if hasEnded(by: names) { return Claim(.status, .status(.completed), turned ?? heard) }
        if let closed { return Claim(.status, .status(.cancelled), closed) }
        return Claim(.status, .status(.running), turned ?? heard)
    }

    private func hasEnded(by names: MappedNames?) -> Bool {
        var hasPassedLast = false
        for (place, stay) in stays.places {
            guard let names else {
                if stay.step?.status == .started { return false }
                hasPassedLast = true
                continue
            }
            let isEnd = place.state == JourneyState.end
            guard names.concerns(place.journey), isEnd || names.block(of: place.state) != nil else { continue }
            if stay.step?.status == .started { return false }
            hasPassedLast = hasPassedLast || isEnd || names.graph?.lastStates.contains(place.state) ?? true
        }
        return hasPassedLast
    }

    private func steps(by names: MappedNames) -> [Claim] {
        var steps: [ElementID: Claim] = [:]
        for (place, stay) in stays.places {
            guard let step = stay.step, names.concerns(place.journey), let block = names.block(of: place.state) else {
                continue
            }
            let claim = Claim(.step(block), .step(step.status), step.origin)
            steps[block] = steps[block].map { Self.counting($0, claim) } ?? claim
        }
        return Array(steps.values)
    }

    /// Where it stands counts before where it was, then what was heard last.
    private static func counting(_ left: Claim, _ right: Claim) -> Claim {
        guard left.value == right.value else { return left.value == .step(.started) ? left : right }
        return left.origin.position < right.origin.position ? right : left
    }

    private func collected(by names: MappedNames) -> [Claim] {
        sayings.collected(by: names).map { block, collected in
            let members = collected.inputs.compactMap { name, told in
                told.value.map { JSONObject.Member(key: name.text, value: $0) }
            }
            return Claim(
                FieldPath(.inputs, [block]), FieldValue(.object(JSONObject(members))), collected.origin)
        }
    }
}

// MARK: Taken out by others

extension JourneySide {
    /// Where somebody else has ended the walk, and where the conversation stood then.
    struct OutsideEnding {
        let place: ElementID?
        let origin: Origin
    }

    /// Whether the walk was not ended by the conversation: the session was closed because the execution is over, or its path was forced out of the journey.
    /// What somebody does to it because the workflow has ended is no word of its own about how that has ended.
    func outsideEnding(by names: MappedNames?) -> OutsideEnding? {
        let exits = stays.exits.filter { names?.concerns($0.key) ?? true }.values
        if closing?.reason == .executionEnded, let closed {
            let standing = stays.positions.first { names?.concerns($0.key) ?? true }?.value
            let last = exits.max { $0.origin.position < $1.origin.position }
            return OutsideEnding(place: standing ?? last?.state, origin: closed)
        }
        let forced = exits.filter { exit in
            exit.cause == .path && exit.turn.map { state.turns[$0] == nil } ?? false
        }
        return forced.max { $0.origin.position < $1.origin.position }.map {
            OutsideEnding(place: $0.state, origin: $0.origin)
        }
    }
}
