import EventModel
import JourneyDomain

/// What the numbers in stored paths mean before and after an edit of a journey: the damage that an edit does when nobody migrates.
public struct IndexShift: Hashable, Sendable {
    /// One number that means something else, or nothing, after the edit.
    public struct Change: Hashable, Sendable {
        /// The number.
        public let index: Int
        /// What it meant; `nil` when it was not used.
        public let before: ElementID?
        /// What it means now; `nil` when it is not used any more.
        public let after: ElementID?
    }

    /// The numbers whose meaning changes, ascending; none when stored paths stay as they are.
    public let changes: [Change]

    /// What changes from `before` to `after`.
    public init(from before: JourneyDefinition, to after: JourneyDefinition) {
        let (old, new) = (JourneyPathIndex(before), JourneyPathIndex(after))
        changes = (0..<max(old.states.count, new.states.count)).compactMap { place in
            let change = Change(index: place + 1, before: old.state(at: place + 1), after: new.state(at: place + 1))
            // The root keeps its number, whatever it is called.
            return change.before == change.after || place == 0 ? nil : change
        }
    }
}
