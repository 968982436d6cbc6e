import EventModel
import JourneyDomain

/// What a conversation has said of values and inputs, its own words and what it was told.
///
/// A conversation is told something in place of a word: what it is told says behind which offset it counts. What was said behind that word, and was not
/// heard yet when it was decided what to tell, counts more, whichever of both came first.
struct Sayings: Equatable, Sendable {
    private(set) var values: [ElementID: Tellings] = [:]
    private(set) var inputs: [CollectedName: Tellings] = [:]
    private var hidden: Tellings?

    /// Whether something was said that whoever reads this cannot see, and where.
    var hiddenSince: Origin? { hidden?.value == nil ? nil : hidden?.origin }

    /// Takes up what a custom event carries: `{"lockstep":{"values":…,"inputs":…,"behind":{"values":…,"inputs":…}}}`.
    mutating func tell(_ data: JSONValue, by event: ElementID, at offset: Int, _ origin: Origin) {
        if data.isHidden {
            hidden = hidden ?? Tellings(origin)
            hidden?.tell(true, at: Tellings.Place(offset, event), origin)
        }
        guard let told = data["lockstep"] else { return }
        for member in told["values"]?.object?.members ?? [] {
            let key = ElementID(member.key)
            guard values[key] != nil || values.count < SideLimits.names else { continue }
            let behind = told["behind"]?["values"]?[member.key]?.int
            values[key, default: Tellings(origin)].tell(
                member.value, at: Tellings.Place(offset, event, behind: behind), origin)
        }
        // What a conversation was told of inputs is as good as what its states have collected.
        for state in told["inputs"]?.object?.members ?? [] {
            for member in state.value.object?.members ?? [] {
                let input = CollectedInput(name: member.key, value: member.value, state: ElementID(state.key))
                let behind = told["behind"]?["inputs"]?[state.key]?[member.key]?.int
                tell(input, at: Tellings.Place(offset, event, behind: behind), origin)
            }
        }
    }

    /// Takes up what a state has collected. An input of which nobody says which state asked for it is none.
    mutating func tell(_ input: CollectedInput, at place: Tellings.Place, _ origin: Origin) {
        guard let state = input.state else { return }
        let name = CollectedName(
            journey: ElementID(input.journey ?? ""), state: state, name: ElementID(input.name))
        guard inputs[name] != nil || inputs.count < SideLimits.names else { return }
        inputs[name, default: Tellings(origin)].tell(input.value, at: place, origin)
    }

    /// Takes back what does not stand any more.
    mutating func keep(where stands: (ElementID) -> Bool, _ origin: Origin) {
        for key in values.keys { values[key]?.keep(where: stands, origin) }
        for name in inputs.keys { inputs[name]?.keep(where: stands, origin) }
        hidden?.keep(where: stands, origin)
    }
}

// MARK: In the words of the workflow

extension Sayings {
    /// What the states of a block have collected, by its names.
    struct Collected {
        /// Of each input, what counts.
        fileprivate(set) var inputs: [ElementID: Tellings] = [:]
        /// Where one of them was heard of last.
        fileprivate(set) var origin: Origin
    }

    /// What was collected for the blocks of a mapping, and was not taken back. Of one name what counts most over all states of the block.
    func collected(by names: MappedNames) -> [ElementID: Collected] {
        var blocks: [ElementID: Collected] = [:]
        // Of two states that are told in one event what stands behind the first by its id counts, wherever this runs.
        for (name, told) in inputs.sorted(by: { $0.key.state < $1.key.state }) {
            guard names.concerns(name.journey), let block = names.block(of: name.state) else { continue }
            var collected = blocks[block] ?? Collected(origin: told.origin)
            if collected.origin.position < told.origin.position { collected.origin = told.origin }
            if let place = told.place, collected.inputs[name.name]?.place.map({ $0 < place }) ?? true {
                collected.inputs[name.name] = told
            }
            blocks[block] = collected
        }
        return blocks.filter { !$0.value.inputs.isEmpty }
    }

    /// The offsets of the words that are known now, in the shape of what a conversation is about to be told: behind these it is to count that. `-1` where
    /// there is no word.
    func places(for told: Effect.Told, by names: MappedNames) -> JSONObject {
        func number(_ offset: Int?) -> JSONValue { .number(JSONNumber(offset ?? -1)) }
        var behind = JSONObject()
        if !told.inputs.isEmpty {
            let collected = collected(by: names)
            let members = told.inputs.members.map { state in
                let known = names.block(of: ElementID(state.key)).flatMap { collected[$0]?.inputs } ?? [:]
                let offsets = (state.value.object?.members ?? []).map { input in
                    JSONObject.Member(key: input.key, value: number(known[ElementID(input.key)]?.place?.behind))
                }
                return JSONObject.Member(key: state.key, value: .object(JSONObject(offsets)))
            }
            behind["inputs"] = .object(JSONObject(members))
        }
        if !told.values.isEmpty {
            let members = told.values.members.map { member in
                JSONObject.Member(key: member.key, value: number(values[ElementID(member.key)]?.place?.behind))
            }
            behind["values"] = .object(JSONObject(members))
        }
        return behind
    }
}
