import EventModel

extension JourneyDifference {
    /// What is different in `new`; the lists are cut, in the order of the fields, when they would grow beyond ``JourneyLimits/changeBytes``.
    public init(from old: JourneyDefinition, to new: JourneyDefinition) {
        let conditions = Self.compare(old.conditions, new.conditions)
        self.init(
            states: Self.compare(old.states, new.states, \.id, \.canonicalValue),
            transitions: Self.compare(old.transitions, new.transitions, \.id, \.canonicalValue),
            conditions: Counts(added: conditions.added.count, removed: conditions.removed.count),
            labels: Self.compare(old.labels, new.labels), tags: Self.compare(old.tags, new.tags),
            fields: Field.allCases.filter { Self.differs($0, old, new) })
    }

    /// What is different in `new` of that which is open, where `old` is without its personal values. Nobody can tell whether those differ,
    /// so it may take the most.
    public init(fromHidden old: JourneyDefinition, to new: JourneyDefinition) {
        func open(_ state: JourneyState) -> JSONValue { PersonalTree.journeyState.part(state.canonicalValue).open }
        func open(_ transition: JourneyTransition) -> JSONValue {
            PersonalTree.journeyTransition.part(transition.canonicalValue).open
        }
        self.init(
            states: Self.compare(old.states, new.states, \.id, open),
            transitions: Self.compare(old.transitions, new.transitions, \.id, open), conditions: Counts(),
            labels: Self.compare(old.labels, new.labels), tags: Self.compare(old.tags, new.tags),
            fields: Field.allCases.filter { $0.isOpen && Self.differs($0, old, new) }, isPartial: true)
    }

    /// The whole lists, cut, and the kind that follows from them.
    private init(
        states: Elements, transitions: Elements, conditions: Counts, labels: Texts, tags: Texts, fields: [Field],
        isPartial: Bool = false
    ) {
        var budget = ChangeBudget(bytes: JourneyLimits.changeBytes)
        let kind = Self.kind(
            fields, hasOtherGraph: !states.isEmpty || !transitions.isEmpty,
            hasOtherTexts: !conditions.isEmpty || !labels.isEmpty || !tags.isEmpty)
        self.init(
            states: budget.cut(states), transitions: budget.cut(transitions), conditions: conditions,
            labels: budget.cut(labels), tags: budget.cut(tags), fields: fields, isPartial: isPartial,
            isTruncated: budget.isExceeded, kind: isPartial ? .recreation : kind)
    }

    private static func kind(_ fields: [Field], hasOtherGraph: Bool, hasOtherTexts: Bool) -> Kind {
        var kinds = fields.map(\.kind)
        if hasOtherGraph { kinds.append(.structure) }
        if hasOtherTexts { kinds.append(.labels) }
        return Kind.allCases.first(where: kinds.contains) ?? .metadata
    }

    private static func differs(_ field: Field, _ old: JourneyDefinition, _ new: JourneyDefinition) -> Bool {
        switch field {
        case .title: !old.title.utf8.elementsEqual(new.title.utf8)
        case .description: !old.summary.utf8.elementsEqual(new.summary.utf8)
        case .priority: old.priority != new.priority
        case .compositionMode: old.compositionMode.map { ElementID($0) } != new.compositionMode.map { ElementID($0) }
        case .root: old.root != new.root
        case .order: isReordered(old.transitions.map(\.id), new.transitions.map(\.id))
        case .conditions:
            compare(old.conditions, new.conditions).isEmpty
                && old.conditions.map { ElementID($0) } != new.conditions.map { ElementID($0) }
        case .metadata: old.metadata != new.metadata
        case .extra: old.extra != new.extra
        }
    }

    /// Whether ids that are in both lists come in another order.
    private static func isReordered(_ old: [ElementID], _ new: [ElementID]) -> Bool {
        let before = Set(old)
        let after = Set(new)
        return old.filter(after.contains) != new.filter(before.contains)
    }

    private static func compare<Element>(
        _ old: [Element], _ new: [Element], _ id: (Element) -> ElementID, _ value: (Element) -> JSONValue
    ) -> Elements {
        let before = Dictionary(old.map { (id($0), value($0)) }, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(new.map { (id($0), value($0)) }, uniquingKeysWith: { first, _ in first })
        return Elements(
            added: after.keys.filter { before[$0] == nil }.sorted(),
            removed: before.keys.filter { after[$0] == nil }.sorted(),
            changed: after.filter { id, value in before[id].map { $0 != value } ?? false }.map(\.key).sorted())
    }

    private static func compare(_ old: [String], _ new: [String]) -> Texts {
        let before = Set(old.map { ElementID($0) })
        let after = Set(new.map { ElementID($0) })
        return Texts(
            added: after.subtracting(before).sorted().map(\.text),
            removed: before.subtracting(after).sorted().map(\.text))
    }
}

extension JourneyDifference.Field {
    /// Whether everybody can read the field.
    fileprivate var isOpen: Bool {
        switch self {
        case .title, .priority, .compositionMode, .root, .order: true
        case .description, .conditions, .metadata, .extra: false
        }
    }

    fileprivate var kind: JourneyDifference.Kind {
        switch self {
        case .title, .description, .priority, .compositionMode: .recreation
        case .root, .order: .structure
        case .conditions: .labels
        case .metadata, .extra: .metadata
        }
    }
}

/// Lets ids and texts pass until their bytes are used up.
private struct ChangeBudget {
    private var bytes: Int
    private(set) var isExceeded = false

    init(bytes: Int) { self.bytes = bytes }

    mutating func cut(_ elements: JourneyDifference.Elements) -> JourneyDifference.Elements {
        func texts(_ ids: [ElementID]) -> [String] { cut(ids.map(\.text)) }
        return JourneyDifference.Elements(
            added: texts(elements.added).map { ElementID($0) }, removed: texts(elements.removed).map { ElementID($0) },
            changed: texts(elements.changed).map { ElementID($0) })
    }

    mutating func cut(_ texts: JourneyDifference.Texts) -> JourneyDifference.Texts {
        JourneyDifference.Texts(added: cut(texts.added), removed: cut(texts.removed))
    }

    private mutating func cut(_ texts: [String]) -> [String] {
        for (index, text) in texts.enumerated() {
            bytes -= JSONValue.string(text).compactBytes().count + 1
            guard bytes >= 0 else {
                isExceeded = true
                return Array(texts[..<index])
            }
        }
        return texts
    }
}
