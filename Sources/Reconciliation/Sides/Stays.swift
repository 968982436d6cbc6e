import EventModel
import JourneyDomain
import WorkflowDomain

/// A state of a journey; the journey is `""` where nobody says to which of several the state belongs.
struct Place: Hashable, Sendable {
    let journey: ElementID
    let state: ElementID

    init(_ journey: String, _ state: ElementID) {
        self.journey = ElementID(journey)
        self.state = state
    }
}

/// Where a conversation has been and where it stands, with what says so: what is taken back takes away only what it has said.
struct Stays: Equatable, Sendable {
    /// What is known of one place.
    struct Stay: Equatable, Sendable {
        /// Turns that ended there.
        var turns: Set<ElementID> = []
        /// Reported events that moved the conversation there without a turn.
        var moves: Set<ElementID> = []
        /// Entries that nothing else explains, the latest last: a root, a path that was forced; with the turn that is named, if one is.
        var entries: [ElementID?] = []
        /// Whether it stood there when it was bound.
        var isHistory = false
        /// Whether it stands there although what had led there was taken back. Engines keep their place when a rewind begins at an event of no turn.
        var isKept = false
        /// How it stands, and since when.
        var step: Step?

        var wasEntered: Bool { !turns.isEmpty || !moves.isEmpty || !entries.isEmpty || isHistory || isKept }
    }

    /// How a place stands, and where that was said.
    struct Step: Equatable, Sendable {
        let status: VisitStatus
        let origin: Origin
    }

    /// How the conversation left a journey for no other state of it.
    struct Exit: Equatable, Sendable {
        let state: ElementID
        let turn: ElementID?
        let cause: MoveCause
        let origin: Origin
    }

    /// The places that it has been in, as far as that stands.
    private(set) var places: [Place: Stay] = [:]
    /// Where it stands, by journey.
    private(set) var positions: [ElementID: ElementID] = [:]
    /// How it left the journeys that it stands outside of now.
    private(set) var exits: [ElementID: Exit] = [:]
    /// Since when it stands outside of a journey that it has been in, or inside again.
    private(set) var turning: [ElementID: Origin] = [:]
    private var placesOfTurns: [ElementID: Set<Place>] = [:]
    private var placesOfMoves: [ElementID: Set<Place>] = [:]
    private var numberOfPlaces: [ElementID: Int] = [:]
    private var outside: Set<ElementID> = []

    /// The places at which a turn ended; another end of the same turn takes the place of the one before.
    mutating func end(_ turn: ElementID, at ends: [Place], _ origin: Origin) {
        let before = placesOfTurns[turn] ?? []
        for place in before { places[place]?.turns.remove(turn) }
        for place in ends { places[place, default: Stay()].turns.insert(turn) }
        placesOfTurns[turn] = ends.isEmpty ? nil : Set(ends)
        settle(before.union(ends), origin)
    }

    /// A turn has moved nothing after all.
    mutating func forget(_ turn: ElementID, _ origin: Origin) {
        var touched = placesOfTurns.removeValue(forKey: turn) ?? []
        for place in touched { places[place]?.turns.remove(turn) }
        for (place, stay) in places where stay.entries.contains(turn) {
            places[place]?.entries.removeAll { $0 == turn }
            touched.insert(place)
        }
        settle(touched, origin)
    }

    /// An event has moved the conversation without a turn.
    mutating func move(_ event: ElementID, to ends: [Place], _ origin: Origin) {
        guard !ends.isEmpty else { return }
        for place in ends { places[place, default: Stay()].moves.insert(event) }
        placesOfMoves[event] = Set(ends)
        settle(Set(ends), origin)
    }

    /// It stood there when it was bound.
    mutating func begin(at place: Place, _ origin: Origin) {
        places[place, default: Stay()].isHistory = true
        positions[place.journey] = place.state
        settle([place], origin)
    }

    mutating func enter(_ fact: StateEntered, _ origin: Origin) {
        let place = Place(fact.journey, fact.state)
        let left = positions.updateValue(fact.state, forKey: place.journey).map { Place(fact.journey, $0) }
        exits[place.journey] = nil
        // What has led there is mostly known from what was reported.
        if places[place]?.wasEntered != true {
            places[place, default: Stay()].entries.append(fact.turn.map { ElementID($0) })
        }
        settle([place, left ?? place], origin)
    }

    /// - Parameter isTurn: whether a turn that still stands has this name.
    mutating func leave(_ fact: StateLeft, isTurn: (ElementID) -> Bool, _ origin: Origin) {
        let place = Place(fact.journey, fact.state)
        guard positions[place.journey] == place.state else { return }
        positions[place.journey] = nil
        if fact.cause == .rewind {
            places[place]?.isKept = false
            let last = places[place]?.entries.last ?? nil
            if places[place]?.entries.isEmpty == false, last.map({ !isTurn($0) }) ?? true {
                places[place]?.entries.removeLast()
            }
        } else if fact.next == nil {
            exits[place.journey] = Exit(
                state: fact.state, turn: fact.turn.map { ElementID($0) }, cause: fact.cause, origin: origin)
        }
        settle([place], origin)
    }

    /// Events were deleted.
    ///
    /// - Parameters:
    ///   - turns: the turns that are gone.
    ///   - reachesHistory: whether something from before the binding is among them.
    ///   - stands: whether a reported event still stands.
    mutating func rewind(
        _ turns: Set<ElementID>, reachesHistory: Bool, stands: (ElementID) -> Bool, _ origin: Origin
    ) {
        var touched: Set<Place> = []
        for turn in turns {
            for place in placesOfTurns.removeValue(forKey: turn) ?? [] {
                places[place]?.turns.remove(turn)
                touched.insert(place)
            }
        }
        for event in placesOfMoves.keys.filter({ !stands($0) }) {
            for place in placesOfMoves.removeValue(forKey: event) ?? [] {
                places[place]?.moves.remove(event)
                touched.insert(place)
            }
        }
        for (place, stay) in places {
            let rest = stay.entries.filter { entry in entry.map { !turns.contains($0) } ?? true }
            let losesHistory = reachesHistory && stay.isHistory
            guard rest != stay.entries || losesHistory else { continue }
            places[place]?.entries = rest
            if losesHistory { places[place]?.isHistory = false }
            touched.insert(place)
        }
        // Whether the conversation has really left where it stands is told next.
        for place in touched where positions[place.journey] == place.state && places[place]?.wasEntered == false {
            places[place]?.isKept = true
        }
        settle(touched, origin)
    }

    /// Says how these places stand now.
    private mutating func settle(_ touched: Set<Place>, _ origin: Origin) {
        for place in touched {
            let isThere = positions[place.journey] == place.state
            let isKnown = isThere || places[place]?.wasEntered == true
            let before = places[place]?.step?.status
            if isKnown {
                let status: VisitStatus = isThere ? .started : .completed
                if before != status { places[place, default: Stay()].step = Step(status: status, origin: origin) }
            } else {
                places[place] = nil
            }
            numberOfPlaces[place.journey, default: 0] += (isKnown ? 1 : 0) - (before == nil ? 0 : 1)
        }
        for journey in Set(touched.map(\.journey)) { turn(journey, origin) }
    }

    private mutating func turn(_ journey: ElementID, _ origin: Origin) {
        let isOutside = positions[journey] == nil && numberOfPlaces[journey, default: 0] > 0
        guard isOutside != outside.contains(journey) else { return }
        if isOutside { outside.insert(journey) } else { outside.remove(journey) }
        turning[journey] = origin
    }
}
