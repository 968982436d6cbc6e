import EventModel
import JourneyDomain

/// Which state of a journey comes behind which, as far as a conversation can be led wrongly by it.
public struct JourneyGraph: Equatable, Sendable {
    private let next: [ElementID: [ElementID]]
    /// The states from which the journey comes to its end.
    public let lastStates: Set<ElementID>

    /// A graph by its transitions; those to ``JourneyState/end`` lead out of it.
    public init(_ transitions: some Sequence<(source: ElementID, target: ElementID)>) {
        var next: [ElementID: [ElementID]] = [:]
        var lastStates: Set<ElementID> = []
        for (source, target) in transitions {
            if target == JourneyState.end {
                lastStates.insert(source)
            } else {
                next[source, default: []].append(target)
            }
        }
        self.next = next
        self.lastStates = lastStates
    }

    /// Whether the way to a place leads through a state, and no way leads from there back to it. In a loop nothing is behind anything, nor are the states of
    /// two branches behind each other.
    public func isBehind(_ state: ElementID, _ place: ElementID) -> Bool {
        leads(from: state, to: place) && !leads(from: place, to: state)
    }

    /// Whether a way leads from a state to another one. Takes time in proportion to the transitions.
    func leads(from start: ElementID, to goal: ElementID) -> Bool {
        var seen: Set<ElementID> = [start]
        var open = [start]
        while let state = open.popLast() {
            for target in next[state] ?? [] where seen.insert(target).inserted {
                if target == goal { return true }
                open.append(target)
            }
        }
        return false
    }
}
