import EventModel
import WorkflowDomain

extension Comparison {
    /// What there is to be said of one field, in which not all are as they were.
    mutating func compare(_ field: Field) {
        if let teller = onlyTeller(of: field) {
            let value = teller == .workflow ? field.workflow : field.journey
            guard value != field.base else { return }
            return find(isUnmapped(field.path) ? .unmapped : .told, by: teller, field)
        }
        switch (field.workflow, field.journey) {
        case (.hidden?, .hidden?) where field.base == .hidden: break
        case (.hidden?, _), (_, .hidden?): find(.unreadable, field)
        case (.content?, _), (_, .content?), (nil, nil): compareData(field)
        case (.status?, _), (_, .status?), (.step?, _), (_, .step?): compareWords(field)
        }
    }

    /// The side that alone can tell anything about a field.
    private func onlyTeller(of field: Field) -> Side? {
        if isUnmapped(field.path) { return field.workflow != nil || field.journey == nil ? .workflow : .journey }
        switch (sides.workflowWords.tells(field.path.root), sides.journeyWords.tells(field.path.root))
        {
        case (true, false): return .workflow
        case (false, true): return .journey
        case (true, true), (false, false): return nil
        }
    }

    private func isUnmapped(_ path: FieldPath) -> Bool {
        let mapped: Set<ElementID>? =
            switch path.root {
            case .steps, .inputs, .outputs: sides.mappedBlocks
            case .variables: sides.mappedVariables
            case .status, .error: nil
            }
        guard let mapped, let name = path.names.first else { return false }
        return !mapped.contains(name)
    }

    /// Words are compared as far as both sides have them.
    private mutating func compareWords(_ field: Field) {
        let (base, workflow, journey) = (common(field.base), common(field.workflow), common(field.journey))
        guard workflow != journey else {
            let teller = moreTelling(field)
            guard field.base != (teller == .journey ? field.journey : field.workflow) else { return }
            return find(workflow == base && teller != nil ? .told : .agreed, by: teller, field)
        }
        if isPassedUnseen(field) {
            if field.workflow != field.base { find(.told, by: .workflow, field) }
            return
        }
        if journey == base { return find(.changed, by: .workflow, field) }
        if isWaitPassed(field) { return find(.waitPassed, by: .journey, field) }
        if workflow == base { return find(.changed, by: .journey, field) }
        find(.conflict, field)
    }

    private func common(_ value: FieldValue?) -> FieldValue? {
        value.flatMap(sides.workflowWords.word).flatMap(sides.journeyWords.word)
    }

    /// Of two values that are the same in common words, the side whose value says more: it is no such word itself.
    private func moreTelling(_ field: Field) -> Side? {
        guard field.workflow != field.journey else { return nil }
        guard let workflow = field.workflow else { return .journey }
        return field.journey != nil && common(workflow) == workflow ? .journey : .workflow
    }

    /// A conversation need not have been everywhere: of a block that has ended, and that it never came to, it has nothing to say.
    private func isPassedUnseen(_ field: Field) -> Bool {
        guard field.journey == nil, field.base != .step(.started), case .step(let status)? = field.workflow else {
            return false
        }
        return status != .started
    }

    private func isWaitPassed(_ field: Field) -> Bool {
        guard let block = sides.waitsAt, field.path == .step(block) else { return false }
        return field.workflow == .step(.started) && field.journey == .step(.completed)
    }

    /// Data is compared member by member where all that is compared are objects.
    private mutating func compareData(_ field: Field) {
        guard field.workflow != field.journey else {
            if field.workflow != field.base { find(.agreed, field) }
            return
        }
        // What is sealed again has other bytes, so a difference of what cannot be read says nothing.
        let isHidden =
            field.workflow?.holdsHidden == true || field.journey?.holdsHidden == true || field.base?.holdsHidden == true
        if !isHidden, field.journey == field.base { return find(.changed, by: .workflow, field) }
        if !isHidden, field.workflow == field.base { return find(.changed, by: .journey, field) }
        let base = field.base?.members
        guard let workflow = field.workflow?.members, let journey = field.journey?.members,
            base != nil || field.base == nil
        else { return find(isHidden ? .unreadable : .conflict, field) }
        compareMembers(of: field, base ?? [], workflow, journey)
    }

    /// Goes through the members of three objects at once. Their canonical form has them in order.
    private mutating func compareMembers(
        of field: Field, _ base: [JSONObject.Member], _ workflow: [JSONObject.Member], _ journey: [JSONObject.Member]
    ) {
        var (b, w, j) = (0, 0, 0)
        while b < base.count || w < workflow.count || j < journey.count {
            var key = b < base.count ? base[b].key : nil
            if w < workflow.count, key.map({ JSONKeyOrder.precedes(workflow[w].key, $0) }) ?? true {
                key = workflow[w].key
            }
            if j < journey.count, key.map({ JSONKeyOrder.precedes(journey[j].key, $0) }) ?? true {
                key = journey[j].key
            }
            guard let key else { return }
            func take(_ members: [JSONObject.Member], _ place: inout Int) -> JSONValue? {
                guard place < members.count, JSONKeyOrder.areSame(members[place].key, key) else { return nil }
                place += 1
                return members[place - 1].value
            }
            let (agreed, told, heard) = (take(base, &b), take(workflow, &w), take(journey, &j))
            guard agreed != told || agreed != heard else { continue }
            var member = field
            member.path = FieldPath(field.path.root, field.path.names + [ElementID(key)])
            (member.base, member.workflow, member.journey) = (
                agreed.map(FieldValue.init), told.map(FieldValue.init), heard.map(FieldValue.init)
            )
            compareMember(member)
        }
    }

    private mutating func compareMember(_ member: Field) {
        switch (member.workflow, member.journey) {
        case (.hidden?, .hidden?) where member.base == .hidden: break
        case (.hidden?, _), (_, .hidden?): find(.unreadable, member)
        default: compareData(member)
        }
    }
}

extension FieldValue {
    /// Whether something in it cannot be read.
    var holdsHidden: Bool {
        switch self {
        case .hidden: true
        case .content(let value): value.holdsHidden
        case .status, .step: false
        }
    }

    /// The members of data that is an object, in order.
    fileprivate var members: [JSONObject.Member]? {
        guard case .content(.object(let object)) = self else { return nil }
        return object.members
    }
}

extension JSONValue {
    fileprivate var holdsHidden: Bool {
        switch self {
        case .object(let object): (object.count == 1 && isHidden) || object.members.contains { $0.value.holdsHidden }
        case .array(let elements): elements.contains(where: \.holdsHidden)
        case .null, .bool, .number, .string: false
        }
    }
}
