import EventModel
import JourneyDomain

// Most journeys that come back were not edited: whether one was is found out by walking both, without a copy of either.

extension JourneyDefinition {
    /// Whether both are the same journey, apart from what the conversion keeps for the way back.
    func isSame(besidesComplement other: JourneyDefinition) -> Bool {
        title == other.title && summary == other.summary && conditions == other.conditions && labels == other.labels
            && tags == other.tags && priority == other.priority && compositionMode == other.compositionMode
            && root == other.root && extra == other.extra && metadata.isSame(besidesComplement: other.metadata)
            && states.areSame(as: other.states) { $0.isSame(besidesComplement: $1) }
            && transitions.areSame(as: other.transitions) { $0.isSame(besidesComplement: $1) }
    }
}

extension JourneyState {
    fileprivate func isSame(besidesComplement other: JourneyState) -> Bool {
        id == other.id && kind == other.kind && action == other.action && summary == other.summary
            && tools == other.tools && labels == other.labels && compositionMode == other.compositionMode
            && extra == other.extra && metadata.isSame(besidesComplement: other.metadata)
    }
}

extension JourneyTransition {
    fileprivate func isSame(besidesComplement other: JourneyTransition) -> Bool {
        id == other.id && source == other.source && target == other.target && condition == other.condition
            && extra == other.extra && metadata.isSame(besidesComplement: other.metadata)
    }
}

extension Array {
    fileprivate func areSame(as other: [Element], _ isSame: (Element, Element) -> Bool) -> Bool {
        count == other.count && indices.allSatisfy { isSame(self[$0], other[$0]) }
    }
}

extension JSONObject {
    fileprivate func isSame(besidesComplement other: JSONObject) -> Bool {
        let (left, right) = (members.lazy.filter(Self.isPlain), other.members.lazy.filter(Self.isPlain))
        return left.elementsEqual(right)
    }

    private static func isPlain(_ member: Member) -> Bool { !JSONKeyOrder.areSame(member.key, Complement.key) }
}
